using System.Globalization;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Supervision;

/// <summary>
/// All workers are killed again and again under load. For how long is <c>DARTER_TEST_KILL_SECONDS</c>' to say.
/// </summary>
public class KillTests(ServerPool pool) : FaultTest(pool)
{
    private static readonly int Seconds = int.Parse(Environment.GetEnvironmentVariable("DARTER_TEST_KILL_SECONDS") ?? "10", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("wsgi", 1)]
    [InlineData("wsgi", 2)]
    [InlineData("asgi", 1)]
    public async Task Workers_KilledAgainAndAgain_CostOnlyWhatTheyWereExecuting(string kind, int threads)
    {
        const int Workers = 3;
        const int Connections = 32;
        DarterServer server = await StartStuckAsync(kind, Workers, threads);
        RequestLoad load = new(server.Address, Connections, "/work?ms=2");
        int kills = 0;
        for (int round = 0; round < Seconds / 2; round++)
        {
            // All are there and have served, so that each kill meets requests.
            int before = load.Total;
            await Wait.Until(() => server.Workers.Count == Workers && load.Total > before + 200, () => $"the load to go on: {load}\n{server.Describe()}");

            // The pace of the kills, and nothing that is waited for.
            await Task.Delay(TimeSpan.FromSeconds(2), Cancellation);
            foreach (int worker in server.Workers)
            {
                kills += LinuxProcess.Send(worker, Signal.Kill) ? 1 : 0;
            }
        }

        int last = load.Total;
        await Wait.Until(() => load.Total > last + 200, () => $"the load to go on: {load}");
        await load.StopAsync();

        // A thread executes one request, an event loop whatever it has begun.
        int most = kind == "asgi" ? (Connections * (Seconds / 2)) : kills * threads;
        Assert.InRange(load["502"], 0, most);
        Assert.True(load["200"] + load["502"] == load.Total, load.ToString());
        Assert.Equal(load["502"], CountLines(server, "answered 502, since the worker died while it ran the request"));
        await WaitForWorkersWithoutAsync(server);
    }

    [Fact]
    public async Task Workers_KilledWhileGetsAreRepeated_CostNothing()
    {
        DarterServer server = await StartStuckAsync("wsgi", workers: 2, threads: 1, "--retry-idempotent");
        RequestLoad load = new(server.Address, 16, "/work?ms=2");
        for (int round = 0; round < 3; round++)
        {
            int before = load.Total;
            await Wait.Until(() => server.Workers.Count == 2 && load.Total > before + 100, () => $"the load to go on: {load}\n{server.Describe()}");
            LinuxProcess.Send(server.Workers[0], Signal.Kill);
        }

        int last = load.Total;
        await Wait.Until(() => load.Total > last + 100, () => $"the load to go on: {load}");
        await load.StopAsync();
        Assert.True(load["200"] == load.Total, load.ToString());
    }
}
