using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Darter.Testing.Processes;
using Darter.Testing.WebSockets;

namespace Darter.Integration.Tests.Service;

/// <summary>SIGUSR2: another front takes over.</summary>
public partial class UpgradeTests(ServerPool pool) : ServiceTest(pool)
{
    private const int Rounds = 3;

    [Theory]
    [InlineData("tcp", 12, 4, 0)]
    [InlineData("unix", 12, 4, 0)]
    [InlineData("tcp", 0, 0, 6)]
    [InlineData("unix", 0, 0, 6)]
    public async Task Usr2_UnderLoad_LosesNoRequest(string kind, int kept, int single, int http2)
    {
        string folder = TemporaryFolder();
        string bind = kind == "tcp" ? "127.0.0.1:0" : $"unix:{folder}/darter.sock";
        DarterServer server = await StartAsync(Options("--pid", Path.Combine(folder, "pid")) with { Binds = [bind], Workers = 2 });
        await using RequestLoad load = new(server.Address, kept, single, http2);
        int front = server.Pid;
        for (int round = 0; round < Rounds; round++)
        {
            await load.WaitForMoreAsync(200);
            front = await UpgradeAsync(server, front);
            Assert.Equal(front, ReadPid(Path.Combine(folder, "pid")));
        }

        await load.WaitForMoreAsync(200);
        await load.DisposeAsync();
        Assert.Empty(load.Failures);
        Assert.Equal(front, (await AskAsync(server.Address)).GetProperty("front").GetInt32());
        await EndAsync(server, front);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
        Assert.Equal(0, await server.WaitForExitAsync());
    }

    [Fact]
    public async Task Usr2_WithAControlSocketThatWasNamed_HandsItOverToo()
    {
        string socket = Path.Combine(TemporaryFolder(), "control.sock");
        DarterServer server = await StartAsync(Options("--control-socket", socket));
        int front = server.Pid;
        for (int round = 0; round < 2; round++)
        {
            front = await UpgradeAsync(server, front);
            CommandResult status = await Command.RunAsync(RepositoryPaths.Executable, ["status", "--json", "--control", socket]);
            Assert.Equal((0, ""), (status.ExitCode, status.Errors));
            Assert.Equal(front, JsonDocument.Parse(status.Output).RootElement.GetProperty("pid").GetInt32());
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(socket));
        }

        await EndAsync(server, front);
        Assert.False(File.Exists(socket));
    }

    [Fact]
    public async Task Usr2_WithABrokenApplication_KeepsTheOldFrontAndSaysWhy()
    {
        string folder = TemporaryFolder();
        string target = Path.Combine(folder, "shop.py");
        string pid = Path.Combine(folder, "pid");
        File.Copy(App("whoami"), target);
        DarterServer server = await StartAsync(Options("--pid", pid) with { Target = target, Workers = 2, Binds = [$"unix:{folder}/darter.sock"] });
        int[] workers = [.. server.Workers];
        await using RequestLoad load = new(server.Address, kept: 4, single: 2, http2: 2);
        await load.WaitForMoreAsync(100);
        await File.WriteAllTextAsync(target, "raise RuntimeError('out of flour')\n", Cancellation);

        server.Send(Signal.User2);
        string line = await server.Log.WaitForAsync("The upgrade failed, and this front goes on serving: the new front (pid ");
        Assert.Contains("(exit status 3)", line, StringComparison.Ordinal);
        Assert.Contains("RuntimeError: out of flour", server.Log.Text, StringComparison.Ordinal);
        await load.WaitForMoreAsync(100);
        Assert.Equal(server.Pid, ReadPid(pid));
        Assert.Equal(workers, server.Workers);

        // The next attempt is as good as the first.
        await File.WriteAllTextAsync(target, await File.ReadAllTextAsync(App("whoami"), Cancellation), Cancellation);
        int front = await UpgradeAsync(server, server.Pid);
        await load.WaitForMoreAsync(100);
        await load.DisposeAsync();
        Assert.Empty(load.Failures);
        await EndAsync(server, front);
    }

    [Fact]
    public async Task Usr2_WithABuildThatDoesNotRun_KeepsTheOldFront()
    {
        string installation = CopyInstallation(Path.Combine(TemporaryFolder(), "darter"));
        DarterServer server = await StartAsync(Options() with { Program = Path.Combine(installation, "darter") });
        File.Delete(Path.Combine(installation, "darter"));

        server.Send(Signal.User2);
        await server.Log.WaitForAsync($"The upgrade failed, and this front goes on serving: cannot start {installation}/darter: No such file or directory");

        await AskAsync(server.Address);
        Assert.Equal(0, await server.StopAsync());
    }

    [Fact]
    public async Task Usr2_AfterTheExecutableWasReplaced_StartsTheNewOne()
    {
        string installation = CopyInstallation(Path.Combine(TemporaryFolder(), "darter"));
        string program = Path.Combine(installation, "darter");
        DarterServer server = await StartAsync(Options() with { Program = program });

        // As ./build and package managers do it: by renaming. The running front's is a deleted file then.
        File.Copy(program, $"{program}.new");
        File.Move($"{program}.new", program, overwrite: true);
        Assert.EndsWith("(deleted)", Executable(server.Pid), StringComparison.Ordinal);

        int front = await UpgradeAsync(server, server.Pid);
        Assert.Equal(program, Executable(front));
        await AskAsync(server.Address);
        await EndAsync(server, front);
    }

    [Fact]
    public async Task Usr2_ThroughALinkThatWasSetToANewRelease_StartsThatOne()
    {
        string folder = TemporaryFolder();
        string first = CopyInstallation(Path.Combine(folder, "first"));
        string second = CopyInstallation(Path.Combine(folder, "second"));
        string current = Path.Combine(folder, "current");
        File.CreateSymbolicLink(current, first);
        DarterServer server = await StartAsync(Options() with { Program = Path.Combine(current, "darter") });
        Assert.Equal(Path.Combine(first, "darter"), Executable(server.Pid));
        File.Delete(current);
        File.CreateSymbolicLink(current, second);

        int front = await UpgradeAsync(server, server.Pid);
        Assert.Equal(Path.Combine(second, "darter"), Executable(front));
        await EndAsync(server, front);
    }

    [Fact]
    public async Task Usr2_WithARequestAtHand_LetsTheOldFrontFinishIt()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(new DarterServerOptions { Target = App("crash"), Workers = 1 });
        int worker = Assert.Single(server.Workers);
        Task<RawResponse> held = RawConnection.ExchangeAsync(server.Address, Get($"/wait?port={gate.Port}"));
        Gate.Arrival arrival = await gate.ReachedAsync("waiting");

        server.Send(Signal.User2);
        int front = await NewFrontAsync(server, server.Pid);
        RawResponse other = await RawConnection.ExchangeAsync(server.Address, Get("/"));
        Assert.Contains(int.Parse(other.Text, CultureInfo.InvariantCulture), LinuxProcess.Children(front));
        Assert.False(held.IsCompleted);
        Assert.True(LinuxProcess.IsRunning(server.Pid));
        arrival.Release();

        RawResponse response = await held;
        Assert.Equal($"{worker}", response.Text);
        Assert.True(response.IsLast);
        await Wait.Until(() => !LinuxProcess.IsRunning(server.Pid), "the end of the old front");
        await EndAsync(server, front);
    }

    [Fact]
    public async Task Usr2_WithAnIdleConnection_AnswersItsNextRequest()
    {
        DarterServer server = await StartAsync(Options());
        await using RawConnection idle = await RawConnection.OpenAsync(server.Address);
        await idle.WriteAsync(Get("/"));
        Assert.False((await idle.ReadResponseAsync()).IsLast);
        await using RawConnection silent = await RawConnection.OpenAsync(server.Address);

        server.Send(Signal.User2);
        int front = await NewFrontAsync(server, server.Pid);

        // The client may have sent it before it could hear that the server leaves.
        foreach (RawConnection connection in (RawConnection[])[idle, silent])
        {
            await connection.WriteAsync(Get("/"));
            RawResponse response = await connection.ReadResponseAsync();
            Assert.Equal(200, response.Status);
            if (connection == idle)
            {
                Assert.Equal(server.Pid, response.Json.GetProperty("front").GetInt32());
            }

            Assert.Equal(response.Json.GetProperty("front").GetInt32() == server.Pid, response.IsLast);
        }

        await Wait.Until(() => !LinuxProcess.IsRunning(server.Pid), "the end of the old front");
        await EndAsync(server, front);
    }

    [Fact]
    public async Task Usr2_WithAConnectionThatStaysIdle_ClosesItAfterTheKeepAlive()
    {
        DarterServer server = await StartAsync(Options("--keep-alive", "0.5"));
        await using RawConnection idle = await RawConnection.OpenAsync(server.Address);
        await idle.WriteAsync(Get("/"));
        await idle.ReadResponseAsync();
        int front = await UpgradeAsync(server, server.Pid);
        Assert.True(await idle.IsClosedAsync());
        await EndAsync(server, front);
    }

    [Fact]
    public async Task Usr2_WithAWebSocket_ClosesItWith1001()
    {
        DarterServer server = await StartAsync(new DarterServerOptions { Target = Path.Combine(RepositoryPaths.AsgiApp("websocket"), "app.py") });
        await using RawWebSocket socket = await RawWebSocket.OpenAsync(server.Address, "/echo");
        server.Send(Signal.User2);
        Assert.Equal((1001, ""), await socket.ReadCloseAsync());
        await socket.DisposeAsync();
        int front = await NewFrontAsync(server, server.Pid);
        await Wait.Until(() => !LinuxProcess.IsRunning(server.Pid), "the end of the old front");
        await using (RawWebSocket again = await RawWebSocket.OpenAsync(server.Address, "/echo"))
        {
            await again.WriteAsync("hello");
            Assert.Equal("hello", await again.ReadTextAsync());
        }

        await EndAsync(server, front);
    }

    [Fact]
    public async Task Usr2_WithInheritedSockets_PassesThemOn()
    {
        string path = Path.Combine(TemporaryFolder(), "activated.sock");
        DarterServer server = await StartAsync(Options() with { Launcher = PassSockets("--activate", "web:local", "tcp", $"unix={path}") });
        await Wait.Until(() => server.Addresses.Count == 2, "both addresses");
        ServerAddress[] addresses = [.. server.Addresses];
        int front = server.Pid;
        for (int round = 0; round < Rounds; round++)
        {
            front = await UpgradeAsync(server, front);
            foreach (ServerAddress address in addresses)
            {
                Assert.Equal(front, (await AskAsync(address)).GetProperty("front").GetInt32());
            }
        }

        await EndAsync(server, front);
        Assert.True(File.Exists(path));
    }

    [Fact]
    public async Task Usr2_AsAnotherUser_KeepsWhatRootOpened()
    {
        Require.Root();
        string folder = TemporaryFolder();
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        string target = Path.Combine(folder, "app.py");
        File.Copy(App("whoami"), target);
        DarterServer server = await StartAsync(
            Options("--user", Nobody, "--pid", Path.Combine(folder, "pid")) with { Target = target, Binds = [$"unix:{folder}/darter.sock"] });
        int front = await UpgradeAsync(server, server.Pid);
        Assert.Equal(front, ReadPid(Path.Combine(folder, "pid")));
        Assert.NotEqual(0, (await AskAsync(server.Address)).GetProperty("uid")[0].GetInt32());
        await EndAsync(server, front);
    }

    [Fact]
    public async Task Usr2_DuringAnUpgrade_IsRefused()
    {
        (DarterServer server, Gate.Arrival loading) = await BeginUpgradeAsync();
        server.Send(Signal.User2);
        await server.Log.WaitForAsync("The upgrade failed, and this front goes on serving: an upgrade is under way");
        await AskAsync(server.Address);
        loading.Release();
        await EndAsync(server, await NewFrontAsync(server, server.Pid));
    }

    [Fact]
    public async Task Sigterm_DuringAnUpgrade_EndsBothFronts()
    {
        (DarterServer server, _) = await BeginUpgradeAsync();
        server.Send(Signal.Terminate);
        Assert.Equal(0, await server.WaitForExitAsync());
        await server.WaitForNoProcessAsync();
    }

    [Fact]
    public async Task NewFront_KilledDuringAnUpgrade_IsReported()
    {
        (DarterServer server, Gate.Arrival loading) = await BeginUpgradeAsync();
        int worker = int.Parse(loading.Text, CultureInfo.InvariantCulture);
        int front = LinuxProcess.Children(server.Pid).Single(child => LinuxProcess.Children(child).Contains(worker));
        LinuxProcess.Send(front, Signal.Kill);
        await server.Log.WaitForAsync($"goes on serving: the new front (pid {front}) did not come up (killed by SIGKILL");
        await AskAsync(server.Address);
        Assert.Equal(0, await server.StopAsync());
    }

    /// <summary>Starts a server and an upgrade whose new worker waits at the gate while it imports the application.</summary>
    private async Task<(DarterServer Server, Gate.Arrival Loading)> BeginUpgradeAsync()
    {
        Gate gate = OpenGate();
        string target = Path.Combine(TemporaryFolder(), "slow.py");
        File.Copy(App("whoami"), target);
        DarterServer server = await StartAsync(Options() with { Target = target });
        await File.WriteAllTextAsync(
            target,
            $"import os, gate\ngate.wait({gate.Port}, 'loading', os.getpid())\n{await File.ReadAllTextAsync(App("whoami"), Cancellation)}",
            Cancellation);
        server.Send(Signal.User2);
        return (server, await gate.ReachedAsync("loading"));
    }

    /// <summary>Upgrades and waits for the end of the old front.</summary>
    private static async Task<int> UpgradeAsync(DarterServer server, int old)
    {
        LinuxProcess.Send(old, Signal.User2);
        int front = await NewFrontAsync(server, old);
        await Wait.Until(() => !LinuxProcess.IsRunning(old), () => $"the end of {old}:\n{server.Describe()}");
        return front;
    }

    private static async Task<int> NewFrontAsync(DarterServer server, int old)
    {
        string line = await server.Log.WaitForAsync(new Regex($@"\[{old}\] \[INFO\] Upgraded: the front with process id "));
        return int.Parse(Upgraded().Match(line).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    private static string Executable(int process) => File.ResolveLinkTarget($"/proc/{process}/exe", returnFinalTarget: false)!.FullName;

    /// <summary>A copy of what <c>./build</c> makes, with the Python package as a release has it.</summary>
    private static string CopyInstallation(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.GetFiles(Path.GetDirectoryName(RepositoryPaths.Executable)!))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        string package = Directory.CreateDirectory(Path.Combine(folder, "python", "darter")).FullName;
        foreach (string file in Directory.GetFiles(Path.Combine(RepositoryPaths.Root, "python", "darter"), "*.py"))
        {
            File.Copy(file, Path.Combine(package, Path.GetFileName(file)));
        }

        return folder;
    }

    [GeneratedRegex(@"Upgraded: the front with process id (\d+)")]
    private static partial Regex Upgraded();
}
