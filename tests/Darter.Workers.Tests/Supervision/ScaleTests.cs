using Darter.Wire;

namespace Darter.Workers.Tests.Supervision;

/// <summary>More workers, fewer, none, and others.</summary>
public sealed class ScaleTests : IDisposable
{
    private readonly SupervisorHarness _harness = new(workers: 2);

    public void Dispose() => _harness.Dispose();

    [Fact]
    public async Task ScaleUp_UsesEachWhenItIsReady()
    {
        await _harness.StartAsync();
        Assert.Equal((2, 4), await ScaleAsync(4));
        _harness.Launched(1, 4);
        Worker(3).BecomeReady();
        _harness.WaitForStates(1, "1:ready 2:ready 3:ready 4:starting");
        Worker(4).BecomeReady();
        _harness.WaitForStates(1, "1:ready 2:ready 3:ready 4:ready");

        // Each can have a request.
        for (int i = 0; i < 4; i++)
        {
            _harness.Add(new FakeStream($"/{i}"));
        }

        Assert.All(_harness.Launcher(1).Workers, worker => worker.Answer());
    }

    [Fact]
    public async Task ScaleDown_HasTheLastOnesFinishAndLeave()
    {
        LaunchedWorker[] workers = await _harness.StartAsync();
        FakeStream[] streams = [_harness.Add(new FakeStream("/1")), _harness.Add(new FakeStream("/2"))];
        LaunchedWorker last = Worker(2);
        (uint running, _) = last.Channel.ReadRequest();

        Assert.Equal((2, 1), await ScaleAsync(1));

        Assert.Equal(FrameType.Drain, last.Channel.Read().Header.Type);
        Assert.Equal("1:ready 2:leaving", _harness.States(1));
        last.Channel.Respond(running, "done");
        SupervisorHarness.WaitUntil(() => streams.Sum(stream => stream.Events.Count) == 1, "the answer");
        last.Leave();
        _harness.WaitForStates(1, "1:ready");
        Assert.Equal(2, workers.Length);
        Assert.Equal(2, _harness.Launcher(1).Workers.Count);
    }

    [Fact]
    public async Task ScaleDown_OfAWorkerThatLoads_KillsIt()
    {
        await _harness.StartAsync();
        await ScaleAsync(3);
        LaunchedWorker loading = _harness.Launched(1, 3);
        await ScaleAsync(2);
        SupervisorHarness.WaitUntil(() => loading.HasEnded, "its end");
        _harness.WaitForStates(1, "1:ready 2:ready");
    }

    [Fact]
    public async Task ScaleDownAndUp_WhileTheLastOneLeaves_StartsAnother()
    {
        await _harness.StartAsync();
        LaunchedWorker leaving = Worker(2);
        await ScaleAsync(1);
        await ScaleAsync(2);
        LaunchedWorker another = _harness.Launched(1, 3);
        Assert.Equal(2, another.Number);
        another.BecomeReady();
        _harness.WaitForStates(1, "1:ready 2:leaving 2:ready");
        leaving.Leave();
        _harness.WaitForStates(1, "1:ready 2:ready");
        Assert.Equal(3, _harness.Launcher(1).Workers.Count);
    }

    [Fact]
    public async Task ScaleDown_OfAPlaceThatPauses_ForgetsIt()
    {
        await _harness.StartAsync();
        Worker(2).Crash();
        _harness.Launched(1, 3).Crash();
        SupervisorHarness.WaitUntil(() => _harness.Log.Any(line => line.Contains("will be started again", StringComparison.Ordinal)), "the pause");
        await ScaleAsync(1);
        await ScaleAsync(2);

        // The pause is over with the place; the place that is new now needs none.
        _harness.Launched(1, 4).BecomeReady();
        _harness.WaitForStates(1, "1:ready 2:ready");
        Assert.Equal(4, _harness.Launcher(1).Workers.Count);
    }

    [Fact]
    public async Task ScaleToNone_HoldsRequestsUntilThereAreWorkersAgain()
    {
        LaunchedWorker[] old = await _harness.StartAsync();
        Assert.Equal((2, 0), await ScaleAsync(0));
        Array.ForEach(old, worker => worker.Leave());
        _harness.WaitForStates(1, "");

        FakeStream stream = _harness.Add(new FakeStream("/held"));
        Assert.Equal(1, _harness.Status.Waiting);
        Assert.Equal((0, 1), await _harness.Supervisor.ScaleAsync(static workers => workers + 1));
        LaunchedWorker worker = _harness.Launched(1, 3);
        worker.BecomeReady();
        worker.Answer();
        SupervisorHarness.WaitUntil(() => stream.Events.Count == 1, "the answer");
    }

    [Fact]
    public async Task ScaleToNone_ThenReload_BringsTheConfiguredNumberBack()
    {
        LaunchedWorker[] old = await _harness.StartAsync();
        await ScaleAsync(0);
        Array.ForEach(old, worker => worker.Leave());
        _harness.WaitForStates(1, "");

        Task<ReloadResult> reload = _harness.Reload();
        _harness.MakeReady(2, 2);

        Assert.True((await reload.WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken)).Succeeded);
        Assert.True(_harness.Launcher(1).IsDisposed);
        _harness.WaitForStates(2, "1:ready 2:ready");
    }

    [Fact]
    public async Task ScaleToNone_WhileNoWorkerCanBeStarted_HoldsRequestsToo()
    {
        LaunchedWorker[] old = await _harness.StartAsync();
        _harness.Launcher(1).Error = "no more";
        Array.ForEach(old, worker => worker.Crash());
        SupervisorHarness.WaitUntil(() => _harness.Run(() => _harness.Queue.IsDown), "the queue to refuse");
        await ScaleAsync(0);
        _harness.Add(new FakeStream("/held"));
        Assert.Equal(1, _harness.Status.Waiting);
    }

    [Fact]
    public async Task ScaleToNone_DuringTheStart_IsNotDone()
    {
        Task start = _harness.Supervisor.StartAsync();
        Assert.Equal((2, 2), await ScaleAsync(0));
        _harness.MakeReady(1, 2);
        await start.WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken);
        Assert.Equal(2, _harness.Status.Target);
    }

    [Fact]
    public async Task ScaleToNone_DuringAReload_GivesItUp()
    {
        await _harness.StartAsync();
        Task<ReloadResult> reload = _harness.Reload();
        _harness.Launched(2, 2);
        await ScaleAsync(0);
        Assert.False((await reload.WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken)).Succeeded);
        _harness.WaitForStates(2, "");
        Assert.Equal("1:leaving 2:leaving", _harness.States(1));
    }

    [Fact]
    public async Task Scale_DuringAReload_ConcernsBothGenerations()
    {
        await _harness.StartAsync();
        Task<ReloadResult> reload = _harness.Reload();
        _harness.Launched(2, 2);
        await ScaleAsync(3);
        _harness.Launched(1, 3);
        _harness.MakeReady(2, 3);
        Assert.True((await reload.WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken)).Succeeded);
        Assert.Equal(3, _harness.Status.Target);
    }

    [Fact]
    public async Task ScaleDown_DuringAReload_MayCompleteIt()
    {
        await _harness.StartAsync();
        Task<ReloadResult> reload = _harness.Reload();
        _harness.Launched(2, 2);
        _harness.Launcher(2).Workers.Single(worker => worker.Number == 1).BecomeReady();
        _harness.WaitForStates(2, "1:loaded 2:starting");
        await ScaleAsync(1);
        Assert.True((await reload.WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken)).Succeeded);
        _harness.WaitForStates(2, "1:ready");
    }

    [Fact]
    public async Task Recycle_ServesUntilTheReplacementIsReady()
    {
        await _harness.StartAsync();
        LaunchedWorker old = Worker(1);
        Recycle(1);
        LaunchedWorker replacement = _harness.Launched(1, 3);
        Assert.Equal(1, replacement.Number);
        _harness.WaitForStates(1, "1:ready 1:starting 2:ready");

        // Once is enough.
        Recycle(1);
        replacement.BecomeReady();

        Assert.Equal(FrameType.Drain, old.Channel.Read().Header.Type);
        old.Leave();
        _harness.WaitForStates(1, "1:ready 2:ready");
        Assert.Equal(3, _harness.Launcher(1).Workers.Count);
    }

    [Fact]
    public async Task Recycle_WhoseReplacementDoesNotLoad_TriesAgainAndServesMeanwhile()
    {
        await _harness.StartAsync();
        LaunchedWorker old = Worker(1);
        Recycle(1);
        _harness.Launched(1, 3).Fail("broken");
        _harness.Launched(1, 4).BecomeReady();
        Assert.Equal(FrameType.Drain, old.Channel.Read().Header.Type);
        _harness.WaitForStates(1, "1:leaving 1:ready 2:ready");
    }

    [Fact]
    public async Task Recycle_OfAWorkerThatDies_StartsOneReplacementOnly()
    {
        await _harness.StartAsync();
        Recycle(1);
        LaunchedWorker replacement = _harness.Launched(1, 3);
        Worker(1).Crash();
        _harness.WaitForStates(1, "1:starting 2:ready");
        replacement.BecomeReady();
        _harness.WaitForStates(1, "1:ready 2:ready");
        Assert.Equal(3, _harness.Launcher(1).Workers.Count);
    }

    [Fact]
    public async Task ScaleDown_OfAPlaceThatIsRecycled_EndsBoth()
    {
        await _harness.StartAsync();
        LaunchedWorker old = Worker(2);
        Recycle(2);
        LaunchedWorker replacement = _harness.Launched(1, 3);
        await ScaleAsync(1);
        SupervisorHarness.WaitUntil(() => replacement.HasEnded, "the end of the replacement");
        Assert.Equal(FrameType.Drain, old.Channel.Read().Header.Type);
    }

    [Fact]
    public async Task Reload_DuringARecycling_EndsAllOfTheOld()
    {
        LaunchedWorker[] old = await _harness.StartAsync();
        Recycle(1);
        LaunchedWorker replacement = _harness.Launched(1, 3);
        Task<ReloadResult> reload = _harness.Reload();
        _harness.MakeReady(2, 2);
        Assert.True((await reload.WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken)).Succeeded);
        SupervisorHarness.WaitUntil(() => replacement.HasEnded, "the end of the replacement");
        Assert.All(old, worker => Assert.Equal(FrameType.Drain, worker.Channel.Read().Header.Type));
    }

    private Task<(int Before, int After)> ScaleAsync(int workers) => _harness.Supervisor.ScaleAsync(_ => workers);

    private LaunchedWorker Worker(int number) => _harness.Launcher(1).Workers.First(worker => worker.Number == number);

    private void Recycle(int number) => _harness.Run(() => _harness.Supervisor.Recycle(_harness.Find(1, number)));
}
