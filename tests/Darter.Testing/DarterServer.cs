using System.Diagnostics;
using Darter.Testing.Processes;

namespace Darter.Testing;

/// <summary>
/// A running server: the executable that <c>./build</c> makes, started as a user starts it. Disposing it stops it and
/// fails when a process of it is left.
/// </summary>
public sealed class DarterServer : IAsyncDisposable
{
    // Every process that descends from the server inherits it, so that what is left can be found.
    private const string MarkVariable = "DARTER_TEST_SERVER";

    private readonly Process _process;
    private readonly Task _outputs;
    private readonly string _mark;

    private DarterServer(Process process, string mark, DarterServerOptions options)
    {
        _process = process;
        _mark = mark;
        Options = options;
        Pid = process.Id;
        _outputs = Task.WhenAll(CopyAsync(process.StandardOutput, Output), CopyAsync(process.StandardError, Log));
        AppDomain.CurrentDomain.ProcessExit += KillAll;
    }

    /// <summary>How it was started.</summary>
    public DarterServerOptions Options { get; }

    /// <summary>The process id of the front.</summary>
    public int Pid { get; }

    /// <summary>What it wrote to stderr.</summary>
    public ProcessLog Log { get; } = new();

    /// <summary>What it wrote to stdout.</summary>
    public ProcessLog Output { get; } = new();

    /// <summary>Where it listens, one for each bind, known once it is ready.</summary>
    public IReadOnlyList<ServerAddress> Addresses =>
        Log.Lines().Select(ServerAddress.Parse).OfType<ServerAddress>().ToList();

    /// <summary>Where it listens first.</summary>
    public ServerAddress Address => Addresses[0];

    /// <summary>The exit status once it has ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Whether the front has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Processes whose parent is the front, zombies included.</summary>
    public IReadOnlyList<int> Workers => LinuxProcess.Children(Pid);

    /// <summary>All processes of the server that run, whoever their parent is now.</summary>
    public IReadOnlyList<int> Processes => LinuxProcess.WithEnvironment(MarkVariable, _mark);

    /// <summary>Starts a server and waits until it says that it is ready.</summary>
    /// <exception cref="InvalidOperationException">It ended before that; the message has its log.</exception>
    public static async Task<DarterServer> StartAsync(DarterServerOptions options)
    {
        DarterServer server = Launch(options);
        try
        {
            await Wait.Until(() => server.HasExited || server.IsReady, () => $"the server to be ready:\n{server.Describe()}");
            if (server.IsReady && !server.HasExited)
            {
                return server;
            }

            await server.WaitForExitAsync();
            throw new InvalidOperationException($"The server ended before it was ready:\n{server.Describe()}");
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a server of which nothing is expected yet.</summary>
    public static DarterServer Launch(DarterServerOptions options)
    {
        string mark = Guid.NewGuid().ToString("N");
        // The program becomes what it starts, so the process id is the server's.
        string[] command = [.. options.OwnSession ? ["setsid"] : Array.Empty<string>(), .. options.Command()];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = options.WorkingDirectory,
        };
        start.Environment[MarkVariable] = mark;
        start.Environment["PYTHONPATH"] = RepositoryPaths.Support;
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        start.Environment.Remove("VIRTUAL_ENV");
        foreach ((string name, string? value) in options.Environment)
        {
            start.Environment[name] = value;
        }

        Process process = Process.Start(start)!;
        process.StandardInput.Close();
        return new DarterServer(process, mark, options);
    }

    /// <summary>Sends a signal to the front.</summary>
    public void Send(Signal signal) => LinuxProcess.Send(Pid, signal);

    /// <summary>Waits for the end of the front and returns its exit status; its outputs are complete then.</summary>
    public async Task<int> WaitForExitAsync()
    {
        await Wait.For(_process.WaitForExitAsync(), $"the end of the server:\n{Describe()}");
        await Wait.For(_outputs, $"the end of all that write to the server's outputs: {string.Join(", ", Processes)}");
        return _process.ExitCode;
    }

    /// <summary>Sends SIGTERM, waits for the end and returns the exit status.</summary>
    public Task<int> StopAsync()
    {
        Send(Signal.Terminate);
        return WaitForExitAsync();
    }

    /// <summary>Waits until no process of the server is left.</summary>
    public Task WaitForNoProcessAsync() =>
        Wait.Until(() => Processes.Count == 0, () => $"the end of {string.Join(", ", Processes)}:\n{Describe()}");

    /// <summary>The command line and the log, for messages.</summary>
    public string Describe(int mark = 0) =>
        $"darter {string.Join(' ', Options.CommandLine())}\n{(HasExited ? $"exit status {ExitCode}\n" : "")}{Log.Since(mark)}\n{Output.Text}".TrimEnd();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= KillAll;
        try
        {
            if (!HasExited)
            {
                await StopAsync();
            }

            await WaitForNoProcessAsync();
        }
        finally
        {
            KillAll(this, EventArgs.Empty);
            _process.Dispose();
        }
    }

    private bool IsReady =>
        Addresses.Count >= Options.Binds.Count && Log.Lines().Any(line => line.Contains("Ready:", StringComparison.Ordinal));

    private static async Task CopyAsync(StreamReader reader, ProcessLog log)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            log.Add(line);
        }
    }

    private void KillAll(object? sender, EventArgs e)
    {
        foreach (int pid in Processes)
        {
            LinuxProcess.Send(pid, Signal.Kill);
        }
    }
}
