using Darter.Wire;

namespace Darter.Workers.Tests.Supervision;

/// <summary>From one generation to the next, and what may come between.</summary>
public sealed class ReloadTests : IDisposable
{
    private readonly SupervisorHarness _harness = new(workers: 2);

    public void Dispose() => _harness.Dispose();

    [Fact]
    public async Task Reload_TakesOverOnceAllAreLoaded()
    {
        LaunchedWorker[] old = await _harness.StartAsync();
        Task<ReloadResult> reload = _harness.Reload();
        LaunchedWorker first = Launched(2, 2)[0];
        first.BecomeReady();
        _harness.WaitForStates(2, "1:loaded 2:starting");

        // A worker that is loaded serves nothing as long as another one may fail.
        FakeStream before = Ask();
        Serve(before, [.. old]);
        Assert.False(reload.IsCompleted);

        _harness.Launcher(2).Workers[1].BecomeReady();

        ReloadResult result = await reload.WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken);
        Assert.Equal(new ReloadResult(2, null), result);
        Assert.All(old, worker => Assert.Equal(FrameType.Drain, worker.Channel.Read().Header.Type));
        Serve(Ask(), [.. _harness.Launcher(2).Workers]);
        Assert.Equal("1:leaving 2:leaving", _harness.States(1));
        Assert.False(_harness.Launcher(1).IsDisposed);
        Array.ForEach(old, worker => worker.Leave());
        _harness.WaitForStates(1, "");
        SupervisorHarness.WaitUntil(() => _harness.Launcher(1).IsDisposed, "the launcher's end");
        Assert.Equal(2, _harness.Launcher(1).Workers.Count);
    }

    [Fact]
    public async Task TakeOver_MovesWhatWasNotStarted_AndLeavesTheRest()
    {
        LaunchedWorker[] old = await _harness.StartAsync();
        FakeStream[] streams = [Ask("/1"), Ask("/2"), Ask("/3")];
        (uint running, string target) = old[0].Channel.ReadRequest();
        old[1].Channel.ReadRequest(claim: false);

        await ReloadedAsync();

        FakeStream kept = Assert.Single(streams, stream => stream.Target == target);
        FakeStream[] moved = [.. streams.Where(stream => stream != kept)];
        SupervisorHarness.WaitUntil(() => moved.All(stream => _harness.Run(() => stream.Channel?.Worker.Generation.Number == 2)), "the move");
        foreach (LaunchedWorker worker in _harness.Launcher(2).Workers)
        {
            worker.Answer();
        }

        old[0].Channel.Respond(running, "1");
        SupervisorHarness.WaitUntil(() => streams.All(stream => stream.Events.Count == 1), "the answers");
        Assert.Equal(["response 200 1 end"], kept.Events);
        Assert.All(moved, stream => Assert.Equal(["response 200 2 end"], stream.Events));
    }

    [Fact]
    public async Task TakeOver_ToAnotherInterface_ServesThat()
    {
        LaunchedWorker[] old = await _harness.StartAsync();
        FakeStream first = Ask("/1");
        FakeStream second = Ask("/2");
        Array.ForEach(old, worker => worker.Channel.ReadRequest(claim: false));

        Task<ReloadResult> reload = _harness.Reload();
        Array.ForEach(Launched(2, 2), worker => worker.BecomeReady(ApplicationInterface.Asgi));
        await reload.WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken);

        Assert.Equal(ApplicationInterface.Asgi, _harness.Queue.Application);
        SupervisorHarness.WaitUntil(() => _harness.Run(() => first.Channel is { IsEventLoop: true } && second.Channel is { IsEventLoop: true }), "the move");
    }

    [Fact]
    public async Task Reload_ThatDoesNotLoad_ChangesNothing()
    {
        LaunchedWorker[] old = await _harness.StartAsync();
        Task<ReloadResult> reload = _harness.Reload();
        LaunchedWorker[] broken = Launched(2, 2);
        broken[1].BecomeReady();
        _harness.WaitForStates(2, "1:starting 2:loaded");
        broken[0].Fail("Traceback: broken\n");

        Assert.Equal(new ReloadResult(1, "Traceback: broken", IsLoadFailure: true), await reload.WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken));

        // The one that had loaded leaves in order.
        Assert.Equal(FrameType.Drain, broken[1].Channel.Read().Header.Type);
        broken[1].Leave();
        _harness.WaitForStates(2, "");
        Assert.Equal("1:ready 2:ready", _harness.States(1));
        Serve(Ask(), [.. old]);
        Assert.True(_harness.Launcher(2).IsDisposed);
        Assert.Equal(1, _harness.Status.FailedReloads);
        Assert.Single(_harness.Log, line => line.StartsWith("Error:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reload_WhoseWorkerDies_ChangesNothing(bool loaded)
    {
        await _harness.StartAsync();
        Task<ReloadResult> reload = _harness.Reload();
        LaunchedWorker worker = Launched(2, 2)[0];
        worker.Greet();
        if (loaded)
        {
            worker.Channel.Write(FrameType.Ready, FrameFlags.None, 0, [(byte)ApplicationInterface.Wsgi, .. "3.11"u8]);
            _harness.WaitForStates(2, "1:loaded 2:starting");
        }

        worker.Crash();

        ReloadResult result = await reload.WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken);
        Assert.Equal(1, result.Generation);
        Assert.Contains("killed by SIGKILL", result.Error, StringComparison.Ordinal);
        _harness.WaitForStates(2, "");
        Assert.Equal("1:ready 2:ready", _harness.States(1));
    }

    [Fact]
    public async Task Reload_WhoseWorkersCannotBeStarted_ChangesNothing()
    {
        await _harness.StartAsync();
        Task<ReloadResult> reload = _harness.Reload(_harness.Config with { Python = SupervisorHarness.NoInterpreter });
        ReloadResult result = await reload.WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken);
        Assert.StartsWith("Cannot start the worker: no such file.", result.Error, StringComparison.Ordinal);
        SupervisorHarness.WaitUntil(() => _harness.Launcher(2).IsDisposed, "the end of its launcher");
        Assert.Equal("1:ready 2:ready", _harness.States(1));
    }

    [Fact]
    public async Task Reload_DuringAReload_TakesItsPlaceAndAnswersBoth()
    {
        await _harness.StartAsync();
        Task<ReloadResult> first = _harness.Reload();
        LaunchedWorker[] superseded = Launched(2, 2);
        superseded[0].BecomeReady();
        _harness.WaitForStates(2, "1:loaded 2:starting");

        Task<ReloadResult> second = _harness.Reload();

        Assert.Equal(FrameType.Drain, superseded[0].Channel.Read().Header.Type);
        superseded[0].Leave();
        _harness.WaitForStates(2, "");
        Assert.False(first.IsCompleted);
        _harness.MakeReady(3, 2);
        Assert.Equal(new ReloadResult(3, null), await first.WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken));
        Assert.Equal(new ReloadResult(3, null), await second.WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Reload_AfterAFailedOne_Succeeds()
    {
        await _harness.StartAsync();
        Task<ReloadResult> failed = _harness.Reload();
        Launched(2, 2)[0].Fail("no");
        Assert.False((await failed.WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken)).Succeeded);

        Task<ReloadResult> reload = _harness.Reload();
        _harness.MakeReady(3, 2);
        Assert.Equal(new ReloadResult(3, null), await reload.WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Reload_DuringTheStart_BeginsWhenTheStartIsOver()
    {
        Task start = _harness.Supervisor.StartAsync();
        Task<ReloadResult> first = _harness.Reload();
        Task<ReloadResult> second = _harness.Reload();
        Launched(1, 2)[0].BecomeReady();
        _harness.WaitForStates(1, "1:ready 2:starting");
        Assert.Equal(1, _harness.Generations);
        _harness.Launcher(1).Workers[1].BecomeReady();
        await start.WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken);

        _harness.MakeReady(2, 2);

        Assert.Equal(new ReloadResult(2, null), await first.WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken));
        Assert.Equal(new ReloadResult(2, null), await second.WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Reload_DuringAStartThatFails_FailsToo()
    {
        Task start = _harness.Supervisor.StartAsync();
        Task<ReloadResult> reload = _harness.Reload();
        Launched(1, 2)[0].Fail("broken from the start");

        await Assert.ThrowsAsync<WorkerStartException>(() => start.WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken));
        Assert.Equal(new ReloadResult(0, "broken from the start", IsLoadFailure: true), await reload.WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken));
        Assert.False((await _harness.Reload().WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken)).Succeeded);
    }

    [Fact]
    public async Task Stop_DuringAReload_FailsItAndEndsBothGenerations()
    {
        LaunchedWorker[] old = await _harness.StartAsync();
        Task<ReloadResult> reload = _harness.Reload();
        LaunchedWorker[] loading = Launched(2, 2);
        loading[0].BecomeReady();
        _harness.WaitForStates(2, "1:loaded 2:starting");

        Task stop = _harness.Supervisor.StopAsync(SupervisorHarness.Patience, CancellationToken.None);

        Assert.Equal(new ReloadResult(1, "the server was stopped"), await reload.WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken));
        SupervisorHarness.WaitUntil(() => loading[1].HasEnded, "the end of the worker that was loading");
        foreach (LaunchedWorker worker in (LaunchedWorker[])[.. old, loading[0]])
        {
            Assert.Equal(FrameType.Drain, worker.Channel.Read().Header.Type);
            worker.Leave();
        }

        await stop.WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken);
        Assert.False((await _harness.Reload().WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken)).Succeeded);
    }

    [Fact]
    public async Task OldWorker_ThatDiesDuringAReload_IsReplacedUntilTheNewOnesTakeOver()
    {
        LaunchedWorker[] old = await _harness.StartAsync();
        Task<ReloadResult> reload = _harness.Reload();
        LaunchedWorker[] loading = Launched(2, 2);
        old[0].Crash();
        LaunchedWorker replacement = _harness.Launched(1, 3);
        Assert.Equal(old[0].Number, replacement.Number);

        Array.ForEach(loading, worker => worker.BecomeReady());

        Assert.True((await reload.WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken)).Succeeded);
        SupervisorHarness.WaitUntil(() => replacement.HasEnded, "the end of the replacement, which has loaded nothing");
        Assert.Equal(FrameType.Drain, old[1].Channel.Read().Header.Type);
        old[1].Leave();
        _harness.WaitForStates(1, "");
        Assert.Equal(3, _harness.Launcher(1).Workers.Count);
    }

    [Fact]
    public async Task NewGeneration_ThatCrashesAfterItTookOver_IsStartedAgainAndAgain()
    {
        await _harness.StartAsync();
        LaunchedWorker[] workers = await ReloadedAsync();

        // Each place: at once, then after pauses that grow.
        workers[0].Crash();
        LaunchedWorker again = _harness.Launched(2, 3);
        again.BecomeReady();
        _harness.WaitForStates(2, "1:ready 2:ready");
        again.Crash();
        _harness.Launched(2, 4).BecomeReady();
        _harness.WaitForStates(2, "1:ready 2:ready");
        Assert.Equal(2, _harness.Launcher(1).Workers.Count);
        Assert.Contains(_harness.Log, line => line.Contains("will be started again in 0.1 s", StringComparison.Ordinal));
        Assert.Equal(2, _harness.Status.WorkersDied);
    }

    [Fact]
    public async Task Reload_WithOtherSettings_UsesThem()
    {
        await _harness.StartAsync();
        Task<ReloadResult> reload = _harness.Reload(_harness.Config with { Workers = 3 });
        _harness.MakeReady(2, 3);
        Assert.True((await reload.WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken)).Succeeded);
        Assert.Equal(3, _harness.Status.Target);
    }

    private LaunchedWorker[] Launched(int generation, int count)
    {
        _harness.Launched(generation, count);
        return [.. _harness.Launcher(generation).Workers.OrderBy(worker => worker.Number)];
    }

    private async Task<LaunchedWorker[]> ReloadedAsync()
    {
        Task<ReloadResult> reload = _harness.Reload();
        LaunchedWorker[] workers = _harness.MakeReady(2, 2);
        Assert.True((await reload.WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken)).Succeeded);
        return workers;
    }

    private FakeStream Ask(string target = "/") => _harness.Add(new FakeStream(target));

    /// <summary>One of these workers answers the request, and nobody else has it.</summary>
    private void Serve(FakeStream stream, params LaunchedWorker[] candidates)
    {
        WorkerStream sent = stream;
        (int generation, int number) = _harness.Run(() => (sent.Channel!.Worker.Generation.Number, sent.Channel.Worker.Number));
        LaunchedWorker worker = Assert.Single(candidates, candidate => (candidate.Generation, candidate.Number) == (generation, number));
        worker.Answer();
        SupervisorHarness.WaitUntil(() => stream.Events.Count == 1, "the answer");
        Assert.Equal([$"response 200 {generation} end"], stream.Events);
    }
}
