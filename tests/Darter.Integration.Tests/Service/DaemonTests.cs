using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Service;

/// <summary>Servers that go into the background.</summary>
public class DaemonTests(ServerPool pool) : ServiceTest(pool)
{
    [Fact]
    public async Task Daemon_ThatServes_LetsTheCommandEndWithStatus0()
    {
        string folder = TemporaryFolder();
        string pidFile = Path.Combine(folder, "darter.pid");
        var address = new ServerAddress(new UnixDomainSocketEndPoint(Path.Combine(folder, "darter.sock")), "localhost");
        CommandResult result = await RunAsync(App("whoami"), "-D", "--pid", pidFile, "--bind", $"unix:{folder}/darter.sock");
        int pid = ReadPid(pidFile);
        try
        {
            Assert.Equal((0, ""), (result.ExitCode, result.All));
            JsonElement worker = await AskAsync(address);
            Assert.Equal(pid, worker.GetProperty("front").GetInt32());
            int workerPid = worker.GetProperty("pid").GetInt32();
            Assert.Equal(pid, Session(pid));
            foreach (int process in (int[])[pid, workerPid])
            {
                for (int fd = 0; fd <= 2; fd++)
                {
                    Assert.Equal("/dev/null", File.ResolveLinkTarget($"/proc/{process}/fd/{fd}", returnFinalTarget: false)!.FullName);
                }
            }

            // The command that started it has nothing to do with it any more.
            LinuxProcess.Send(pid, Signal.Terminate);
            await Wait.Until(() => !LinuxProcess.IsRunning(pid) && !LinuxProcess.IsRunning(workerPid), "the end");
            Assert.False(File.Exists(pidFile));
        }
        finally
        {
            if (pid > 0)
            {
                LinuxProcess.Send(pid, Signal.Kill);
            }
        }
    }

    [Fact]
    public async Task Daemon_WhoseApplicationDoesNotLoad_EndsWithItsStatusAndMessage()
    {
        string folder = TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder, "broken.py"), "raise RuntimeError('out of flour')\n", Cancellation);
        CommandResult result = await RunAsync(Path.Combine(folder, "broken.py"), "--daemon", "--bind", "127.0.0.1:0");
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("did not load", result.Errors, StringComparison.Ordinal);
        Assert.Contains("RuntimeError: out of flour", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Daemon_WhoseAddressIsInUse_EndsWithStatus1AndSaysSo()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        CommandResult result = await RunAsync(App("whoami"), "--daemon", "--bind", $"{taken.LocalEndpoint}");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"{taken.LocalEndpoint}", result.Errors, StringComparison.Ordinal);
        Assert.Contains("in use", result.Errors, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Daemon_WithAWrongOption_SaysSoItself()
    {
        CommandResult result = await RunAsync(App("whoami"), "--daemon", "--user", "no-such-user");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("no-such-user", result.Errors, StringComparison.Ordinal);
    }

    private static Task<CommandResult> RunAsync(string target, params string[] arguments) =>
        Command.RunAsync(RepositoryPaths.Executable, ["run", target, "--workers", "1", "--python", PythonInterpreters.Default.Path, .. arguments]);

    private static int Session(int pid)
    {
        string stat = File.ReadAllText($"/proc/{pid}/stat");
        return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[3], System.Globalization.CultureInfo.InvariantCulture);
    }
}
