using System.Globalization;
using System.Text.RegularExpressions;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Lifecycle;

/// <summary>Gunicorn's signals.</summary>
public partial class SignalTests(ServerPool pool) : LifecycleTest(pool)
{
    [Fact]
    public async Task Hangup_Reloads()
    {
        DarterServer server = await StartAsync("wsgi");
        SetVersion("2");
        server.Send(Signal.Hangup);
        await server.Log.WaitForAsync("Generation 2 serves; generation 1 finishes what it has");
        Assert.Equal("2", await VersionAsync(server));
        await WaitForWorkersAsync("1:ready", server);
        Assert.Equal(1, CountLines(server, "Handling signal: SIGHUP"));
    }

    [Fact]
    public async Task Hangup_WithBrokenCode_LogsTheTraceback()
    {
        DarterServer server = await StartAsync("wsgi");
        Break();
        server.Send(Signal.Hangup);
        await server.Log.WaitForAsync("Reload failed: generation 2 did not load, generation 1 keeps serving.");
        await server.Log.WaitForAsync("ValueError: broken on purpose");
        Assert.Equal("1", await VersionAsync(server));
    }

    [Fact]
    public async Task TerminalSignals_ScaleByOne_ButNotBelowOne()
    {
        DarterServer server = await StartAsync("wsgi");
        await SendAsync(server, Signal.TerminalInput, "SIGTTIN");
        await WaitForWorkersAsync("1:ready 2:ready", server);
        await SendAsync(server, Signal.TerminalInput, "SIGTTIN");
        await WaitForWorkersAsync("1:ready 2:ready 3:ready", server);
        await SendAsync(server, Signal.TerminalOutput, "SIGTTOU");
        await SendAsync(server, Signal.TerminalOutput, "SIGTTOU");
        await WaitForWorkersAsync("1:ready", server);
        await SendAsync(server, Signal.TerminalOutput, "SIGTTOU");
        await WaitForWorkersAsync("1:ready", server);
        Assert.Equal("1", await VersionAsync(server));
        Assert.Equal(0, CountLines(server, "[ERROR]"));
    }

    [Theory]
    [InlineData(Signal.TerminalInput, "1:ready")]
    [InlineData(Signal.Hangup, "1:ready 2:ready")]
    public async Task WindowChange_HasAllWorkersLeave_AndRequestsWait(Signal signal, string workers)
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(Options("wsgi", workers: 2) with { OwnSession = true });
        Task<RawResponse> running = AskAsync(server, $"/wait?port={gate.Port}");
        Gate.Arrival arrival = await gate.ReachedAsync("waiting");

        await SendAsync(server, Signal.WindowChange, "SIGWINCH");

        arrival.Release();
        Assert.Equal("1", (await running).Text);
        await WaitForWorkersAsync("", server);
        Assert.Equal("no workers", (string)(await StatusAsync())["state"]!);
        Assert.Equal((503, "no workers\n"), await HealthAsync("/readyz"));
        Assert.Equal((200, "ok\n"), await HealthAsync("/livez"));
        Task<RawResponse> held = AskAsync(server, "/");
        await Wait.Until(async () => (int)(await StatusAsync())["waiting"]! == 1, () => "the request to wait");

        server.Send(signal);

        Assert.Equal("1", (await held).Text);
        await WaitForWorkersAsync(workers, server);
        Assert.Equal((200, "ok\n"), await HealthAsync("/readyz"));
    }

    [Fact]
    public async Task Signals_InABurst_AreAllHandled()
    {
        // Of the same kind the kernel keeps one until it is delivered.
        DarterServer server = await StartAsync("wsgi", workers: 2);
        foreach (Signal signal in (Signal[])[Signal.User1, Signal.TerminalInput, Signal.Hangup, Signal.TerminalOutput, Signal.User2])
        {
            server.Send(signal);
        }

        foreach (string name in (string[])["SIGUSR1", "SIGTTIN", "SIGHUP", "SIGTTOU", "SIGUSR2"])
        {
            await server.Log.WaitForAsync($"Handling signal: {name}");
        }

        // The new front may be there before the new generation is.
        await server.Log.WaitForAsync(new Regex("Generation 2 serves|Upgraded: the front with process id "));
        Assert.Equal("1", await VersionAsync(server));
        Assert.Equal(5, CountLines(server, "Handling signal: "));

        // The last one had a new front take the place of this one: it is that one that has to be asked to end.
        string line = await server.Log.WaitForAsync(new Regex($@"\[{server.Pid}\] \[INFO\] Upgraded: the front with process id "));
        LinuxProcess.Send(int.Parse(Upgraded().Match(line).Groups[1].Value, CultureInfo.InvariantCulture), Signal.Terminate);
        Assert.Equal(0, await server.WaitForExitAsync());
    }

    [Theory]
    [MemberData(nameof(Interfaces))]
    public async Task Signals_ToEveryProcess_ConcernTheFrontAlone(string application)
    {
        // What systemctl kill does by default.
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(application, workers: 2);
        Task<RawResponse> running = AskAsync(server, $"/wait?port={gate.Port}");
        Gate.Arrival arrival = await gate.ReachedAsync("waiting");
        foreach (Signal signal in (Signal[])[Signal.User1, Signal.User2, Signal.Hangup])
        {
            // SIGUSR2 would have the front start another one.
            foreach (int pid in server.Processes.Where(pid => signal != Signal.User2 || pid != server.Pid))
            {
                LinuxProcess.Send(pid, signal);
            }
        }

        await server.Log.WaitForAsync("Generation 2 serves");
        arrival.Release();
        Assert.Equal("1", (await running).Text);
        await WaitForWorkersAsync("1:ready 2:ready", server);
        Assert.Equal(0, CountLines(server, "[ERROR]"));
    }

    [Fact]
    public async Task Hangup_ThenTerminate_Ends()
    {
        DarterServer server = await StartAsync("asgi", workers: 2);
        server.Send(Signal.Hangup);
        await server.Log.WaitForAsync("Reloading: generation 2");
        server.Send(Signal.Terminate);
        Assert.Equal(0, await server.WaitForExitAsync());
        await server.WaitForNoProcessAsync();
        Assert.Equal(0, CountLines(server, "[ERROR]"));
    }

    private static async Task SendAsync(DarterServer server, Signal signal, string name)
    {
        int mark = server.Log.Count;
        server.Send(signal);
        await server.Log.WaitForAsync($"Handling signal: {name}", mark);
    }

    private async Task<(int Status, string Text)> HealthAsync(string target)
    {
        RawResponse response = await ControlAsync("GET", target);
        return (response.Status, response.Text);
    }

    [GeneratedRegex(@"Upgraded: the front with process id (\d+)")]
    private static partial Regex Upgraded();
}
