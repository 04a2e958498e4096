using System.Globalization;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Service;

/// <summary>What systemd is told.</summary>
public class NotifyTests(ServerPool pool) : ServiceTest(pool)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Server_FromStartToStop_SaysHowItIs(bool isAbstract)
    {
        await using FakeServiceManager manager = new(isAbstract);
        DarterServer server = await StartAsync(OptionsFor(manager) with { Workers = 2 });
        await manager.WaitForAsync("READY=1");
        Assert.True(manager.IndexOf("STATUS=Starting") < manager.IndexOf("READY=1"));
        Assert.Contains("STATUS=Serving, with 2 workers", manager.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("NOTIFY_SOCKET", (await AskAsync(server.Address)).GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("WATCHDOG", manager.Text, StringComparison.Ordinal);

        Assert.Equal(0, await server.StopAsync());
        await manager.WaitForAsync("STOPPING=1");
        Assert.True(manager.IndexOf("READY=1") < manager.IndexOf("STOPPING=1"));
    }

    [Fact]
    public async Task Server_WhoseApplicationLoads_IsReadyOnlyThen()
    {
        Gate gate = OpenGate();
        await using FakeServiceManager manager = new();
        string target = Path.Combine(TemporaryFolder(), "slow.py");
        await File.WriteAllTextAsync(
            target, $"import gate\ngate.wait({gate.Port}, 'loading')\n{await File.ReadAllTextAsync(App("whoami"), Cancellation)}", Cancellation);
        DarterServer server = Launch(OptionsFor(manager) with { Target = target });
        Gate.Arrival loading = await gate.ReachedAsync("loading");
        await manager.WaitForAsync("STATUS=Starting");
        Assert.DoesNotContain("READY=1", manager.Text, StringComparison.Ordinal);
        loading.Release();
        await manager.WaitForAsync("READY=1");
        Assert.Equal(0, await server.StopAsync());
    }

    [Fact]
    public async Task Server_WhoseApplicationDoesNotLoad_SaysWhy()
    {
        await using FakeServiceManager manager = new();
        DarterServer server = Launch(OptionsFor(manager) with { Target = "no_such_module" });
        Assert.Equal(3, await server.WaitForExitAsync());
        await manager.WaitForAsync("STATUS=Failed: The application 'no_such_module' did not load.");
        Assert.DoesNotContain("READY=1", manager.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("3")]
    public async Task Server_WithAWatchdog_SaysThatItLives(string loops)
    {
        await using FakeServiceManager manager = new();
        DarterServer server = await StartAsync(OptionsFor(manager, "--loops", loops) with
        {
            Environment = new Dictionary<string, string?> { ["NOTIFY_SOCKET"] = manager.Address, ["WATCHDOG_USEC"] = "100000" },
        });
        await Wait.Until(() => manager.Count("WATCHDOG=1") >= 5, "signs of life");
        Assert.True(manager.IndexOf("READY=1") < manager.IndexOf("WATCHDOG=1"));
        Assert.DoesNotContain("WATCHDOG", (await AskAsync(server.Address)).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_WithAWatchdogOfAnotherProcess_KeepsQuiet()
    {
        await using FakeServiceManager manager = new();
        DarterServer server = await StartAsync(OptionsFor(manager) with
        {
            Environment = new Dictionary<string, string?> { ["NOTIFY_SOCKET"] = manager.Address, ["WATCHDOG_USEC"] = "10000", ["WATCHDOG_PID"] = "1" },
        });
        Assert.Equal(0, await server.StopAsync());
        await manager.WaitForAsync("STOPPING=1");
        Assert.Equal(0, manager.Count("WATCHDOG=1"));
    }

    [Fact]
    public async Task Upgrade_OfTheFront_NamesTheNewProcess()
    {
        await using FakeServiceManager manager = new();
        DarterServer server = await StartAsync(OptionsFor(manager) with
        {
            Environment = new Dictionary<string, string?> { ["NOTIFY_SOCKET"] = manager.Address, ["WATCHDOG_USEC"] = "100000" },
        });
        await manager.WaitForAsync("WATCHDOG=1");
        server.Send(Signal.User2);
        await manager.WaitForAsync("MAINPID=");
        int front = int.Parse(
            manager.Text.Split('\n').Single(line => line.StartsWith("MAINPID=", StringComparison.Ordinal))["MAINPID=".Length..], CultureInfo.InvariantCulture);
        Assert.Equal(front, (await AskAsync(server.Address)).GetProperty("front").GetInt32());

        // systemd wants to know when the reload began, by its own clock.
        string[] reloading = manager.MessageWith("RELOADING=1").Split('\n');
        long began = long.Parse(
            reloading.Single(line => line.StartsWith("MONOTONIC_USEC=", StringComparison.Ordinal))["MONOTONIC_USEC=".Length..], CultureInfo.InvariantCulture);
        double uptime = double.Parse((await File.ReadAllTextAsync("/proc/uptime", Cancellation)).Split(' ')[0], CultureInfo.InvariantCulture);
        Assert.InRange(began, 1, (long)((uptime + 1) * 1e6));

        await Wait.Until(() => !LinuxProcess.IsRunning(server.Pid), "the end of the old front");
        int seen = manager.Count("WATCHDOG=1");
        await Wait.Until(() => manager.Count("WATCHDOG=1") > seen + 2, "signs of life of the new front");
        Assert.Equal(0, manager.Count("STOPPING=1"));
        await EndAsync(server, front);
        await manager.WaitForAsync("STOPPING=1");
    }

    [Fact]
    public async Task Upgrade_ThatFails_IsFollowedByReady()
    {
        await using FakeServiceManager manager = new();
        string target = Path.Combine(TemporaryFolder(), "shop.py");
        File.Copy(App("whoami"), target);
        DarterServer server = await StartAsync(OptionsFor(manager) with { Target = target });
        await File.WriteAllTextAsync(target, "raise RuntimeError\n", Cancellation);
        server.Send(Signal.User2);
        await manager.WaitForAsync("READY=1\nSTATUS=The upgrade failed; the old front serves");
        Assert.Equal(0, manager.Count("MAINPID"));
    }

    private static DarterServerOptions OptionsFor(FakeServiceManager manager, params string[] arguments) =>
        Options(arguments) with { Environment = new Dictionary<string, string?> { ["NOTIFY_SOCKET"] = manager.Address } };
}
