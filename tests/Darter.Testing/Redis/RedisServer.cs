using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Darter.Testing.Processes;

namespace Darter.Testing.Redis;

/// <summary>Debian's redis-server on a port of the loopback interface that stays the same over its restarts. It keeps nothing on disk.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private const string Program = "redis-server";
    private const int Attempts = 20;

    // Below the ports that the system gives out, lest somebody gets it while the server is down.
    private const int FirstPort = 20000;
    private const int LastPort = 32000;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("darter-redis-");
    private readonly IReadOnlyList<string> _options;
    private Process? _process;

    private RedisServer(int port, IReadOnlyList<string> options)
    {
        Port = port;
        _options = options;
        AppDomain.CurrentDomain.ProcessExit += KillAtExit;
    }

    /// <summary>Why there is none on this machine; null: there is.</summary>
    public static string? Missing { get; } = Command.Exists(Program) ? null : "redis-server is not installed (Debian: apt-get install redis-server).";

    /// <summary>Its port.</summary>
    public int Port { get; }

    /// <summary>Its address, as <c>--hub</c> takes it.</summary>
    public string Url => $"redis://127.0.0.1:{Port}";

    /// <summary>Starts a server.</summary>
    /// <param name="options">More of its options, such as <c>--requirepass</c> and the password.</param>
    public static async Task<RedisServer> StartAsync(params IReadOnlyList<string> options)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            RedisServer server = new(FreePort(), options);
            if (await server.TryStartAsync())
            {
                return server;
            }

            await server.DisposeAsync();
        }

        throw new InvalidOperationException($"{Program} does not start.");
    }

    /// <summary>A port for one that is started later.</summary>
    public static RedisServer Prepare() => new(FreePort(), []);

    /// <summary>A port that nobody listens at.</summary>
    public static int FreePort()
    {
        while (true)
        {
            int port = Random.Shared.Next(FirstPort, LastPort);
            try
            {
                using TcpListener listener = new(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
            }
        }
    }

    /// <summary>Starts it (again); it begins empty.</summary>
    public async Task StartAgainAsync()
    {
        if (!await TryStartAsync())
        {
            throw new InvalidOperationException($"{Program} does not start on port {Port}.");
        }
    }

    /// <summary>Kills it, as a power cut does.</summary>
    public void Kill()
    {
        if (_process is { } process)
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
            _process = null;
        }
    }

    /// <summary>It answers nothing any more, and closes nothing.</summary>
    public void Freeze() => LinuxProcess.Send(_process!.Id, Signal.Stop);

    /// <summary>The end of <see cref="Freeze"/>.</summary>
    public void Thaw() => LinuxProcess.Send(_process!.Id, Signal.Continue);

    /// <summary>Sends an inline command and returns what comes first as its answer.</summary>
    public async Task<string> AskAsync(string command)
    {
        using TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, Port);
        using StreamReader reader = new(client.GetStream());
        await client.GetStream().WriteAsync(System.Text.Encoding.UTF8.GetBytes(command + "\r\n"));
        return await Wait.For(reader.ReadLineAsync(), $"the answer to {command}") ?? throw new IOException("Redis has closed the connection.");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= KillAtExit;
        Kill();
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task<bool> TryStartAsync()
    {
        ProcessStartInfo start = new(
            Program,
            [
                "--port", $"{Port}", "--bind", "127.0.0.1", "--dir", _folder.FullName, "--save", "", "--appendonly", "no", "--daemonize", "no",
                "--logfile", Path.Combine(_folder.FullName, "redis.log"), .. _options,
            ]);
        Process process = _process = Process.Start(start)!;
        bool ready = false;
        await Wait.Until(async () => process.HasExited || (ready = await AnswersAsync()), () => $"{Program} to answer on port {Port}");
        return ready && !process.HasExited;
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            // With a password set the answer is an error, which is an answer.
            return (await AskAsync("PING")).StartsWith('+') || _options.Contains("--requirepass");
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return false;
        }
    }

    private void KillAtExit(object? sender, EventArgs arguments) => Kill();
}
