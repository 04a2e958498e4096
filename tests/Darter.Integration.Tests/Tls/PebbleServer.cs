using System.Diagnostics;
using System.Net.Sockets;
using Darter.Testing.Processes;
using Darter.Testing.Redis;

namespace Darter.Integration.Tests.Tls;

/// <summary>Debian's pebble, an authority for tests, with the name server that leads every name to this machine.</summary>
internal sealed class PebbleServer : IAsyncDisposable
{
    private const string Program = "pebble";
    private const string NameServer = "pebble-challtestsrv";
    private const int Attempts = 20;

    private readonly DirectoryInfo _folder = System.IO.Directory.CreateTempSubdirectory("darter-pebble-");
    private readonly TestCertificates _authority;
    private readonly List<Process> _processes = [];
    private readonly List<string> _lines = [];
    private readonly int _port = RedisServer.FreePort();

    private PebbleServer()
    {
        _authority = new TestCertificates(_folder.FullName, "pebble-authority");
        AppDomain.CurrentDomain.ProcessExit += KillAtExit;
    }

    /// <summary>What <c>--acme-directory</c> takes.</summary>
    internal string Directory => $"https://localhost:{_port}/dir";

    /// <summary>What <c>--acme-ca-certs</c> takes.</summary>
    internal string AuthorityFile => _authority.File;

    /// <summary>How many certificates it has given out.</summary>
    internal int Issued => Lines.Count(line => line.Contains("Issued certificate serial", StringComparison.Ordinal));

    private string[] Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>Starts one; skips the test where there is none.</summary>
    /// <param name="httpPort">Where it looks for answers over http.</param>
    /// <param name="tlsPort">Where it looks for answers in handshakes.</param>
    internal static async Task<PebbleServer> StartAsync(int httpPort, int tlsPort)
    {
        Assert.SkipUnless(Command.Exists(Program) && Command.Exists(NameServer), "pebble is not installed (Debian: apt-get install pebble).");
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            PebbleServer server = new();
            if (await server.TryStartAsync(httpPort, tlsPort))
            {
                return server;
            }

            await server.DisposeAsync();
        }

        throw new InvalidOperationException($"{Program} does not start.");
    }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= KillAtExit;
        foreach (Process process in _processes)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        _authority.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task<bool> TryStartAsync(int httpPort, int tlsPort)
    {
        int names = RedisServer.FreePort();
        int management = RedisServer.FreePort();
        string certificate = _authority.Issue("pebble.pem", "CN=pebble", "localhost");
        string config = Path.Combine(_folder.FullName, "pebble.json");
        await File.WriteAllTextAsync(config, $$"""
            {"pebble":{"listenAddress":"127.0.0.1:{{_port}}","managementListenAddress":"127.0.0.1:{{management}}","certificate":"{{certificate}}","privateKey":"{{certificate}}",
             "httpPort":{{httpPort}},"tlsPort":{{tlsPort}},"ocspResponderURL":"","externalAccountBindingRequired":false} }
            """);
        Process nameServer = Launch(
            NameServer, "-dns01", $"127.0.0.1:{names}", "-defaultIPv6", "", "-http01", "", "-https01", "", "-tlsalpn01", "", "-management", $"127.0.0.1:{RedisServer.FreePort()}");
        Process pebble = Launch(Program, "-config", config, "-dnsserver", $"127.0.0.1:{names}");
        bool isReady = false;
        await Wait.Until(
            async () => pebble.HasExited || nameServer.HasExited || (isReady = await AcceptsAsync(_port) && await AcceptsAsync(names)), () => $"{Program} to listen: {string.Join('\n', Lines)}");
        return isReady && !pebble.HasExited && !nameServer.HasExited;
    }

    private Process Launch(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PEBBLE_VA_NOSLEEP"] = "1";

        // Each order is to be validated, and in the end each would be.
        start.Environment["PEBBLE_AUTHZREUSE"] = "0";
        Process process = Process.Start(start)!;
        _processes.Add(process);
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private void Add(string? line)
    {
        lock (_lines)
        {
            _lines.Add(line ?? "");
        }
    }

    private static async Task<bool> AcceptsAsync(int port)
    {
        try
        {
            using TcpClient client = new();
            await client.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void KillAtExit(object? sender, EventArgs arguments) => _processes.ForEach(process => process.Kill());
}
