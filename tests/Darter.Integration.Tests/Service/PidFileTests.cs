using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Service;

/// <summary>The file with the front's process id.</summary>
public class PidFileTests(ServerPool pool) : ServiceTest(pool)
{
    [Fact]
    public async Task PidFile_OfAServer_IsThereWhileItRuns()
    {
        string file = Path.Combine(TemporaryFolder(), "darter.pid");
        DarterServer server = await StartAsync(Options("--pid", file));
        Assert.Equal($"{server.Pid}\n", await File.ReadAllTextAsync(file, Cancellation));
        Assert.Equal("644", Convert.ToString((int)File.GetUnixFileMode(file), 8));
        Assert.Equal(0, await server.StopAsync());
        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task PidFile_OfARunningServer_StopsAnother()
    {
        string file = Path.Combine(TemporaryFolder(), "darter.pid");
        DarterServer first = await StartAsync(Options("--pid", file));
        DarterServer second = Launch(Options("--pid", file));
        Assert.Equal(1, await second.WaitForExitAsync());
        await second.WaitForNoProcessAsync();
        string line = Assert.Single(second.Log.Lines(), line => line.Contains("[CRITICAL]", StringComparison.Ordinal));
        Assert.Contains($"--pid {file}: a server with process id {first.Pid} runs with it", line, StringComparison.Ordinal);
        Assert.Equal(first.Pid, ReadPid(file));
    }

    [Fact]
    public async Task PidFile_LeftByAKilledServer_IsReplaced()
    {
        string file = Path.Combine(TemporaryFolder(), "darter.pid");
        DarterServer killed = await StartAsync(Options("--pid", file));
        killed.Send(Signal.Kill);
        await killed.WaitForNoProcessAsync();
        Assert.Equal(killed.Pid, ReadPid(file));
        DarterServer server = await StartAsync(Options("--pid", file));
        Assert.Equal(server.Pid, ReadPid(file));
    }

    [Fact]
    public async Task PidFile_WithTheNumberOfAnotherProgram_IsReplaced()
    {
        string file = Path.Combine(TemporaryFolder(), "darter.pid");
        await File.WriteAllTextAsync(file, $"{Environment.ProcessId} and more than a number\n", Cancellation);
        DarterServer server = await StartAsync(Options("--pid", file));
        Assert.Equal($"{server.Pid}\n", await File.ReadAllTextAsync(file, Cancellation));
    }

    [Fact]
    public async Task PidFile_ReplacedByAnother_IsLeftAlone()
    {
        string file = Path.Combine(TemporaryFolder(), "darter.pid");
        DarterServer server = await StartAsync(Options("--pid", file));
        File.Delete(file);
        await File.WriteAllTextAsync(file, "another", Cancellation);
        Assert.Equal(0, await server.StopAsync());
        Assert.Equal("another", await File.ReadAllTextAsync(file, Cancellation));
    }

    [Fact]
    public async Task PidFile_InNoFolder_EndsWithStatus1()
    {
        DarterServer server = Launch(Options("--pid", "/no/such/folder/darter.pid"));
        Assert.Equal(1, await server.WaitForExitAsync());
        Assert.Contains("--pid /no/such/folder/darter.pid: No such file or directory", server.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PidFile_WhenTheApplicationDoesNotLoad_IsRemoved()
    {
        string file = Path.Combine(TemporaryFolder(), "darter.pid");
        DarterServer server = Launch(Options("--pid", file) with { Target = "no_such_module" });
        Assert.Equal(3, await server.WaitForExitAsync());
        Assert.False(File.Exists(file));
    }
}
