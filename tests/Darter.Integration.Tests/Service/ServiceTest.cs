using System.Text.Json;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Service;

/// <summary>Base of the tests of servers that run as services: their application tells what the worker is.</summary>
public abstract class ServiceTest(ServerPool pool) : ServerTest(pool)
{
    /// <summary>A user that every system has and that owns nothing.</summary>
    protected const string Nobody = "nobody";

    /// <summary>Cancelled when the test is.</summary>
    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>How to start the application.</summary>
    protected static DarterServerOptions Options(params string[] arguments) => new() { Target = App("whoami"), Arguments = arguments };

    /// <summary>What a worker of the server says it is.</summary>
    protected static async Task<JsonElement> AskAsync(ServerAddress address)
    {
        RawResponse response = await RawConnection.ExchangeAsync(address, Get("/"));
        Assert.Equal(200, response.Status);
        return response.Json;
    }

    /// <summary>A request.</summary>
    protected static string Get(string target) => $"GET {target} HTTP/1.1\r\nHost: h\r\n\r\n";

    /// <summary>A command that opens sockets and passes them on; see <c>testassets/support/pass_sockets.py</c>.</summary>
    protected static IReadOnlyList<string> PassSockets(params string[] kinds) =>
        [PythonInterpreters.Default.Path, Path.Combine(RepositoryPaths.Support, "pass_sockets.py"), .. kinds, "--"];

    /// <summary>Ends a front that is not the one a test started, and waits until nothing is left.</summary>
    protected static async Task EndAsync(DarterServer server, int front)
    {
        LinuxProcess.Send(front, Signal.Terminate);
        await server.WaitForNoProcessAsync();
    }

    /// <summary>The process id in a file, 0 while there is none.</summary>
    protected static int ReadPid(string file) => File.Exists(file) && int.TryParse(File.ReadAllText(file), out int pid) ? pid : 0;

    /// <summary>Whether a user without rights can reach a file.</summary>
    protected static bool IsOpen(string path)
    {
        for (string? part = Path.GetDirectoryName(path); part is not null; part = Path.GetDirectoryName(part))
        {
            if ((File.GetUnixFileMode(part) & UnixFileMode.OtherExecute) == 0)
            {
                return false;
            }
        }

        return true;
    }
}
