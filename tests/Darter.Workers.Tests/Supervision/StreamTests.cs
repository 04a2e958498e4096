using Darter.Wire;

namespace Darter.Workers.Tests.Supervision;

/// <summary>WebSockets and event streams of workers that leave.</summary>
public sealed class StreamTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(20);

    [Fact]
    public async Task Reload_KeepsStreams_UntilTheirOwnLimit()
    {
        using SupervisorHarness harness = new(1, config => config with { LeaveTime = Short, StreamLeaveTime = 2 * Short });
        LaunchedWorker old = Assert.Single(await harness.StartAsync());
        FakeStream stream = harness.Add(new FakeStream("/events") { IsEventStream = true });
        (uint id, _) = old.Channel.ReadRequest();

        await ReloadAsync(harness);

        SupervisorHarness.WaitUntil(() => stream.Events.Count > 0, "the end of the stream");
        Assert.Equal(["leaving"], stream.Events);

        // Then it has a moment to end in order.
        Assert.Equal("1:leaving", harness.States(1));
        old.Channel.End(id);
        old.Leave();
        harness.WaitForStates(1, "");
        Assert.DoesNotContain(harness.Log, line => line.Contains("is killed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reload_WithARequestThatDoesNotEnd_KillsAtTheGracefulTimeout()
    {
        using SupervisorHarness harness = new(1, config => config with { LeaveTime = Short, StreamLeaveTime = SupervisorHarness.Patience });
        LaunchedWorker old = Assert.Single(await harness.StartAsync());
        FakeStream stream = harness.Add(new FakeStream("/slow"));
        old.Channel.ReadRequest();

        await ReloadAsync(harness);

        SupervisorHarness.WaitUntil(() => stream.Events.Count > 0, "the end of the request");
        Assert.Equal(["failed WorkerDied"], stream.Events);
        Assert.Contains(harness.Log, line => line.Contains("is killed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reload_WithStreams_LetsTheWorkerLiveUntilTheyEnd()
    {
        using SupervisorHarness harness = new(1, config => config with { LeaveTime = Short, StreamLeaveTime = SupervisorHarness.Patience });
        LaunchedWorker old = Assert.Single(await harness.StartAsync());
        FakeStream webSocket = harness.Add(new FakeStream("/ws") { IsWebSocket = true });
        (uint id, _) = old.Channel.ReadRequest();
        await ReloadAsync(harness);
        SupervisorHarness.WaitUntil(() => harness.Run(() => harness.Find(1, 1).LeavePhase == LeavePhase.Streams), "the graceful timeout");
        Assert.Empty(webSocket.Events);
        Assert.False(old.HasEnded);

        old.Channel.End(id);

        SupervisorHarness.WaitUntil(() => harness.Run(() => harness.Find(1, 1).LeavePhase == LeavePhase.Ending), "its end");
        Assert.Equal(["end"], webSocket.Events);
    }

    [Fact]
    public async Task Reload_WithAShorterLimitForStreams_EndsThemOnly()
    {
        using SupervisorHarness harness = new(1, config => config with { LeaveTime = SupervisorHarness.Patience, StreamLeaveTime = TimeSpan.Zero });
        LaunchedWorker old = Assert.Single(await harness.StartAsync(ApplicationInterface.Asgi));
        FakeStream request = harness.Add(new FakeStream("/slow"));
        (uint id, _) = old.Channel.ReadRequest();
        FakeStream stream = harness.Add(new FakeStream("/events") { IsEventStream = true });
        old.Channel.ReadRequest();

        await ReloadAsync(harness);

        SupervisorHarness.WaitUntil(() => stream.Events.Count > 0, "the end of the stream");
        Assert.Equal(["leaving"], stream.Events);
        old.Channel.Respond(id, "done");
        SupervisorHarness.WaitUntil(() => request.Events.Count > 0, "the answer");
        Assert.Equal(["response 200 done end"], request.Events);
        Assert.False(old.HasEnded);
    }

    [Fact]
    public async Task WorkerThatLeavesByItself_ClosesWebSocketsAtOnce()
    {
        using SupervisorHarness harness = new(1);
        LaunchedWorker old = Assert.Single(await harness.StartAsync());
        FakeStream webSocket = harness.Add(new FakeStream("/ws") { IsWebSocket = true });
        old.Channel.ReadRequest();

        old.Channel.Write(FrameType.Drain, FrameFlags.None, 0, default);

        SupervisorHarness.WaitUntil(() => webSocket.Events.Count > 0, "the close");
        Assert.Equal(["leaving"], webSocket.Events);
        Assert.Equal(1, harness.Launched(1, 2).Number);
    }

    [Fact]
    public async Task Stop_ClosesTheWebSocketsOfWorkersThatLeave()
    {
        using SupervisorHarness harness = new(1);
        LaunchedWorker old = Assert.Single(await harness.StartAsync());
        FakeStream webSocket = harness.Add(new FakeStream("/ws") { IsWebSocket = true });
        old.Channel.ReadRequest();
        await ReloadAsync(harness);
        Assert.Empty(webSocket.Events);

        Task stop = harness.Supervisor.StopAsync(SupervisorHarness.Patience, CancellationToken.None);

        SupervisorHarness.WaitUntil(() => webSocket.Events.Count > 0, "the close");
        Assert.Equal(["leaving"], webSocket.Events);
        old.Leave();
        harness.Launcher(2).Workers[0].Leave();
        await stop.WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken);
    }

    private static async Task ReloadAsync(SupervisorHarness harness)
    {
        Task<ReloadResult> reload = harness.Reload();
        harness.MakeReady(2, 1);
        Assert.True((await reload.WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken)).Succeeded);
    }
}
