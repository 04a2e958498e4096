using Darter.Server.Applications;
using Darter.Server.Observability;
using Darter.Server.Tests.Applications;
using Darter.Testing;
using Darter.Transport;
using Darter.Workers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Darter.Server.Tests;

/// <summary>Health follows the real state of loops and workers.</summary>
public class ServerHealthTests
{
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(50);

    [Fact]
    public async Task Live_IsFalseWhileALoopDoesNotComeRound()
    {
        using EventLoopGroup loops = new(2, NullLogger.Instance);
        ServerHealth health = new([Pool(loops, new FakeLauncher(1))], loops);
        Assert.True(await health.IsLiveAsync(Wait.Patience));

        using ManualResetEventSlim released = new();
        loops.Loops[1].Post(new LoopCall(released.Wait));
        Assert.False(await health.IsLiveAsync(s_short));

        released.Set();
        Assert.True(await health.IsLiveAsync(Wait.Patience));
    }

    [Fact]
    public async Task State_FollowsTheWorkers()
    {
        await using FrontHarness front = await FrontHarness.StartAsync();
        ServerHealth health = front.Server.Health;
        Assert.Equal(HealthState.Ready, health.State);
        Assert.True(health.IsReady);

        await front.Server.ScaleAsync(static _ => 0);
        Assert.Equal(HealthState.NoWorkers, health.State);
        Assert.False(health.IsReady);

        await front.Server.ScaleAsync(static _ => 1);
        await Wait.Until(() => health.IsReady, "the new worker");

        health.BeginDraining();
        Assert.Equal(HealthState.Draining, health.State);
        Assert.False(health.IsReady);
    }

    [Fact]
    public void State_BeforeTheStart_IsStarting()
    {
        using EventLoopGroup loops = new(1, NullLogger.Instance);
        Assert.Equal(HealthState.Starting, new ServerHealth([Pool(loops, new FakeLauncher(1))], loops).State);
    }

    private static WorkerPool Pool(EventLoopGroup loops, FakeLauncher launcher)
    {
        WorkerPoolConfig config = new() { Target = "", Workers = 1, Python = "", WorkingDirectory = "", Library = "", Bootstrap = "" };
        return new WorkerPool(config, launcher, loops.Loops[0], TimeProvider.System, NullLogger<WorkerPool>.Instance);
    }
}
