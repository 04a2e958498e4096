using System.Globalization;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Supervision;

/// <summary>Base of the tests that end workers: each has a server of its own, with the application <c>crash</c>.</summary>
public abstract class SupervisionTest(ServerPool pool) : ServerTest(pool)
{
    /// <summary>Starts the application, or another.</summary>
    protected Task<DarterServer> StartAsync(int workers, int? threads = null, string? target = null, params string[] arguments) =>
        StartAsync(new DarterServerOptions { Target = target ?? App("crash"), Workers = workers, Threads = threads, Arguments = arguments });

    /// <summary>Sends a request on a connection of its own.</summary>
    protected static Task<RawResponse> AskAsync(DarterServer server, string target) => RawConnection.ExchangeAsync(server.Address, Get(target));

    /// <summary>A request.</summary>
    protected static string Get(string target) => $"GET {target} HTTP/1.1\r\nHost: h\r\n\r\n";

    /// <summary>Sends a request that runs until the test ends it, and returns the worker that runs it.</summary>
    protected static async Task<(Task<RawResponse> Response, Gate.Arrival Arrival, int Worker)> HoldAsync(DarterServer server, Gate gate)
    {
        Task<RawResponse> response = AskAsync(server, $"/wait?port={gate.Port}");
        Gate.Arrival arrival = await gate.ReachedAsync("waiting");
        return (response, arrival, Pid(arrival.Text));
    }

    /// <summary>Which worker answers a request without delay.</summary>
    protected static async Task<int> ServingWorkerAsync(DarterServer server)
    {
        RawResponse response = await AskAsync(server, "/");
        Assert.Equal(200, response.Status);
        return Pid(response.Text);
    }

    /// <summary>Waits until the server has as many workers as it was started with, and none of these.</summary>
    protected static Task WaitForWorkersWithoutAsync(DarterServer server, params int[] gone) =>
        Wait.Until(
            () => server.Workers is { } workers && workers.Count == server.Options.Workers && !workers.Intersect(gone).Any() && workers.All(LinuxProcess.IsRunning),
            () => $"{server.Options.Workers} workers without {string.Join(", ", gone)}; there are {string.Join(", ", server.Workers)}\n{server.Describe()}");

    /// <summary>How many lines of the log have this text.</summary>
    protected static int CountLines(DarterServer server, string text) => server.Log.Lines().Count(line => line.Contains(text, StringComparison.Ordinal));

    /// <summary>Reads a process id.</summary>
    protected static int Pid(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
