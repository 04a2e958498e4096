using Darter.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace Darter.Workers.Tests.Supervision;

/// <summary>Several pools that reload together, or not at all.</summary>
public sealed class JointReloadTests : IDisposable
{
    private readonly EventLoopGroup _loops = new(1, NullLogger.Instance);
    private readonly SupervisorHarness _one;
    private readonly SupervisorHarness _two;
    private int _takenOver;

    public JointReloadTests()
    {
        _one = new SupervisorHarness(workers: 2, loops: _loops);
        _two = new SupervisorHarness(workers: 1, loops: _loops);
    }

    public void Dispose()
    {
        _one.Dispose();
        _two.Dispose();
        _loops.Dispose();
    }

    [Fact]
    public async Task AllTakeOver_OnceTheLastHasLoaded()
    {
        await Task.WhenAll(_one.StartAsync(), _two.StartAsync());
        (_, Task<JointReloadResult> result) = Begin();
        _one.MakeReady(2, 2);
        _one.WaitForStates(2, "1:loaded 2:loaded");
        Assert.Equal("1:ready 2:ready", _one.States(1));
        Assert.Equal(0, _takenOver);

        _two.MakeReady(2, 1);
        Assert.True((await Of(result)).Result.Succeeded);
        Assert.Equal(1, _takenOver);
        Assert.Equal("1:ready 2:ready", _one.States(2));
        Assert.Equal("1:ready", _two.States(2));
        Assert.Equal("1:leaving 2:leaving", _one.States(1));
        Assert.Equal("1:leaving", _two.States(1));
        Assert.Equal(1, _one.Status.Reloads);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OneThatDoesNotLoad_EndsTheNewWorkersOfAll(bool othersHaveLoaded)
    {
        await Task.WhenAll(_one.StartAsync(), _two.StartAsync());
        (_, Task<JointReloadResult> result) = Begin();
        LaunchedWorker last = Workers(_one, 2, 2)[1];
        if (othersHaveLoaded)
        {
            _one.MakeReady(2, 2);
            _one.WaitForStates(2, "1:loaded 2:loaded");
        }

        Workers(_two, 2, 1)[0].Fail("Traceback: broken\n");

        JointReloadResult outcome = await Of(result);
        Assert.Equal("Traceback: broken", outcome.Result.Error);
        Assert.True(outcome.Result.IsLoadFailure);
        Assert.Equal(0, _takenOver);
        if (othersHaveLoaded)
        {
            Array.ForEach(Workers(_one, 2, 2), worker => worker.Leave());
        }

        SupervisorHarness.WaitUntil(() => last.HasEnded, "the end of the new workers");
        _one.WaitForStates(2, "");
        Assert.Equal("1:ready 2:ready", _one.States(1));
        Assert.Equal("1:ready", _two.States(1));
        Assert.Equal((1L, 1L), (_one.Status.FailedReloads, _two.Status.FailedReloads));
        Assert.Single(_one.Log, line => line == "Warning: Reload failed: generation 2 is given up, since the application 'test' could not be reloaded; generation 1 keeps serving");
        Assert.Single(_two.Log, line => line.StartsWith("Error: Reload failed: generation 2 did not load", StringComparison.Ordinal));

        // Nothing of it is left: the next one goes its way.
        (_, result) = Begin();
        _one.MakeReady(3, 2);
        _two.MakeReady(3, 1);
        Assert.Equal(new ReloadResult(3, null), (await Of(result)).Result);
    }

    [Fact]
    public async Task WorkerThatDies_WhileOthersLoad_EndsAll()
    {
        await Task.WhenAll(_one.StartAsync(), _two.StartAsync());
        (_, Task<JointReloadResult> result) = Begin();
        LaunchedWorker[] loaded = _two.MakeReady(2, 1);
        _two.WaitForStates(2, "1:loaded");
        loaded[0].Crash();

        Assert.True((await Of(result)).Result.IsLoadFailure);
        _one.WaitForStates(2, "");
        Assert.Equal("1:ready 2:ready", _one.States(1));
        Assert.Equal("1:ready", _two.States(1));
    }

    [Fact]
    public async Task PoolThatWasNeverStarted_StartsWithTheOthers()
    {
        await _one.StartAsync();
        (_, Task<JointReloadResult> result) = Begin();
        _two.MakeReady(1, 1);
        _two.WaitForStates(1, "1:ready");
        Assert.False(result.IsCompleted);

        _one.MakeReady(2, 2);
        Assert.True((await Of(result)).Result.Succeeded);
        Assert.Equal("1:ready", _two.States(1));
    }

    [Fact]
    public async Task PoolThatWasNeverStarted_IsEndedWithTheOthers()
    {
        await _one.StartAsync();
        (_, Task<JointReloadResult> result) = Begin();
        Workers(_two, 1, 1);
        Workers(_one, 2, 2)[0].Fail("broken");

        Assert.Equal("broken", (await Of(result)).Result.Error);
        _two.WaitForStates(1, "");
        Assert.Contains(_one.Log, line => line.StartsWith("Error: Reload failed: generation 2 did not load", StringComparison.Ordinal));
        Assert.Contains("Information: Generation 1 is given up while it loads, since the application 'test' could not be reloaded", _two.Log);
    }

    [Fact]
    public async Task PoolThatWasNeverStarted_AndDoesNotLoad_IsSaid()
    {
        await _one.StartAsync();
        (_, Task<JointReloadResult> result) = Begin();
        Workers(_one, 2, 2);
        Workers(_two, 1, 1)[0].Fail("broken");

        Assert.Equal("broken", (await Of(result)).Result.Error);
        _one.WaitForStates(2, "");
        Assert.Single(_two.Log, line => line == "Error: Reload failed: the new application did not load.\nbroken");
        Assert.Equal("1:ready 2:ready", _one.States(1));
    }

    [Fact]
    public async Task Abandoned_NothingHasChanged()
    {
        await Task.WhenAll(_one.StartAsync(), _two.StartAsync());
        (JointReload joint, Task<JointReloadResult> result) = Begin();
        Workers(_one, 2, 2);
        Workers(_two, 2, 1);
        joint.Abandon("another reload was asked for");

        JointReloadResult outcome = await Of(result);
        Assert.True(outcome.IsAbandoned);
        _one.WaitForStates(2, "");
        _two.WaitForStates(2, "");
        Assert.Equal("1:ready 2:ready", _one.States(1));
        Assert.Equal(0, _one.Status.FailedReloads);
    }

    [Fact]
    public async Task Scaled_WhileOthersLoad_WaitsForTheNewWorkerToo()
    {
        await Task.WhenAll(_one.StartAsync(), _two.StartAsync());
        (_, Task<JointReloadResult> result) = Begin();
        _two.MakeReady(2, 1);
        _two.WaitForStates(2, "1:loaded");
        await _two.Supervisor.ScaleAsync(_ => 2).WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken);
        _one.MakeReady(2, 2);
        _one.WaitForStates(2, "1:loaded 2:loaded");
        Assert.False(result.IsCompleted);

        Workers(_two, 2, 2)[1].BecomeReady();
        Assert.True((await Of(result)).Result.Succeeded);
        Assert.Equal("1:ready 2:ready", _two.States(2));
    }

    [Fact]
    public async Task StopOfAPool_EndsTheReloadOfAll()
    {
        await Task.WhenAll(_one.StartAsync(), _two.StartAsync());
        (_, Task<JointReloadResult> result) = Begin();
        Workers(_one, 2, 2);
        Workers(_two, 2, 1);
        Task stop = _two.Supervisor.StopAsync(TimeSpan.Zero, CancellationToken.None);

        Assert.Equal("the server was stopped", (await Of(result)).Result.Error);
        await stop.WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken);
        _one.WaitForStates(2, "");
        Assert.Equal("1:ready 2:ready", _one.States(1));
        Assert.Equal(0, _takenOver);
    }

    [Fact]
    public async Task NoPoolAtAll_TakesOverAtOnce()
    {
        JointReload joint = new(_loops.Loops[0], () => _takenOver++);
        Assert.True((await Of(joint.RunAsync())).Result.Succeeded);
        Assert.Equal(1, _takenOver);
    }

    private (JointReload Joint, Task<JointReloadResult> Result) Begin()
    {
        JointReload joint = new(_loops.Loops[0], () => _takenOver++);
        joint.Add(_one.Supervisor, _one.Config);
        joint.Add(_two.Supervisor, _two.Config);
        return (joint, joint.RunAsync());
    }

    private static LaunchedWorker[] Workers(SupervisorHarness harness, int generation, int count)
    {
        harness.Launched(generation, count);
        return [.. harness.Launcher(generation).Workers];
    }

    private static Task<JointReloadResult> Of(Task<JointReloadResult> result) => result.WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken);
}
