using Darter.Wire;

namespace Darter.Workers.Tests.Supervision;

/// <summary>Development: the old workers go at once, and requests wait for the new ones.</summary>
public sealed class RestartTests : IDisposable
{
    private readonly SupervisorHarness _harness = new(workers: 1);

    public void Dispose() => _harness.Dispose();

    [Fact]
    public async Task Restart_AnswersWhatComesMeanwhileByTheNewWorkers()
    {
        LaunchedWorker old = Assert.Single(await _harness.StartAsync());
        FakeStream running = Ask("/old");
        (uint stream, _) = old.Channel.StartRequest();

        Task<ReloadResult> restart = Restart();
        Assert.Equal(FrameType.Drain, old.Channel.Read().Header.Type);
        FakeStream waiting = Ask("/new");
        old.Channel.Respond(stream, "old");
        old.Leave();

        LaunchedWorker next = _harness.Launched(2, 1);
        Assert.Empty(waiting.Events);
        next.BecomeReady();
        next.Answer();

        Assert.Equal(new ReloadResult(2, null), await Result(restart));
        SupervisorHarness.WaitUntil(() => waiting.Events.Count == 1 && running.Events.Count == 1, "the answers");
        Assert.Equal(["response 200 old end"], running.Events);
    }

    [Fact]
    public async Task Restart_DoesNotWaitForAnOldWorkerThatLingers()
    {
        LaunchedWorker old = Assert.Single(await _harness.StartAsync());
        Task<ReloadResult> restart = Restart();
        _harness.Launched(2, 1).BecomeReady();
        Assert.True((await Result(restart)).Succeeded);
        Assert.False(old.HasEnded);
        old.Leave();
    }

    [Fact]
    public async Task Retire_HoldsRequestsUntilTheRestart()
    {
        LaunchedWorker old = Assert.Single(await _harness.StartAsync());
        _harness.Supervisor.Retire();
        Assert.Equal(FrameType.Drain, old.Channel.Read().Header.Type);
        old.Leave();
        FakeStream waiting = Ask("/");
        SupervisorHarness.WaitUntil(() => old.HasEnded, "the old worker's end");
        Assert.Equal(1, _harness.Generations);

        Task<ReloadResult> restart = Restart();
        LaunchedWorker next = _harness.Launched(2, 1);
        next.BecomeReady();
        next.Answer();

        Assert.True((await Result(restart)).Succeeded);
        SupervisorHarness.WaitUntil(() => waiting.Events.Count == 1, "the answer");
    }

    [Fact]
    public async Task Restart_ThatDoesNotLoad_RefusesRequestsUntilTheNextOne()
    {
        LaunchedWorker old = Assert.Single(await _harness.StartAsync());
        Task<ReloadResult> broken = Restart();
        old.Leave();
        FakeStream waiting = Ask("/");
        _harness.Launched(2, 1).Fail("SyntaxError");

        Assert.Equal(new ReloadResult(0, "SyntaxError", IsLoadFailure: true), await Result(broken));
        SupervisorHarness.WaitUntil(() => waiting.Events.Count == 1, "the refusal");
        Assert.Equal(["failed NoWorker"], waiting.Events);
        Assert.Equal(["failed NoWorker"], Ask("/").Events);

        Task<ReloadResult> mended = Restart();
        FakeStream held = Ask("/");
        LaunchedWorker next = _harness.Launched(3, 1);
        next.BecomeReady();
        next.Answer();
        Assert.True((await Result(mended)).Succeeded);
        SupervisorHarness.WaitUntil(() => held.Events.Count == 1, "the answer");
    }

    [Fact]
    public async Task Restart_DuringAnother_TakesItsPlaceAndAnswersBoth()
    {
        LaunchedWorker old = Assert.Single(await _harness.StartAsync());
        Task<ReloadResult> first = Restart();
        old.Leave();
        LaunchedWorker superseded = _harness.Launched(2, 1);
        Task<ReloadResult> second = Restart();
        SupervisorHarness.WaitUntil(() => superseded.HasEnded, "the end of the one that is out of date");
        _harness.Launched(3, 1).BecomeReady();
        Assert.Equal(3, (await Result(first)).Generation);
        Assert.Equal(3, (await Result(second)).Generation);
    }

    [Fact]
    public async Task Restart_DuringTheStart_BeginsAnew()
    {
        Task start = _harness.Supervisor.StartAsync();
        LaunchedWorker first = _harness.Launched(1, 1);
        Task<ReloadResult> restart = Restart();
        SupervisorHarness.WaitUntil(() => first.HasEnded, "the end of the one that is out of date");
        _harness.Launched(2, 1).BecomeReady();
        Assert.True((await Result(restart)).Succeeded);
        await start.WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Stop_DuringARestart_AnswersIt()
    {
        await _harness.StartAsync();
        Task<ReloadResult> restart = Restart();
        await _harness.Supervisor.StopAsync(TimeSpan.Zero, CancellationToken.None).WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken);
        Assert.False((await Result(restart)).Succeeded);
        Assert.False((await Result(Restart())).Succeeded);
    }

    private Task<ReloadResult> Restart()
    {
        Task<ReloadResult> restart = _harness.Supervisor.RestartAsync(_harness.Config);
        _harness.Run(static () => true);
        return restart;
    }

    private FakeStream Ask(string target) => _harness.Add(new FakeStream(target));

    private static Task<ReloadResult> Result(Task<ReloadResult> restart) =>
        restart.WaitAsync(SupervisorHarness.Patience, TestContext.Current.CancellationToken);
}
