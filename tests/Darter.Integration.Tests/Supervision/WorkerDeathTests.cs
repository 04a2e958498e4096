using System.Globalization;
using System.Text.RegularExpressions;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Supervision;

/// <summary>A worker that dies is replaced, and takes nothing with it but the request that it ran.</summary>
public partial class WorkerDeathTests(ServerPool pool) : ServerTest(pool)
{
    [Fact]
    public async Task Worker_KilledWhileIdle_IsReplaced()
    {
        DarterServer server = await StartAsync(Options());
        int first = await PidAsync(server);
        LinuxProcess.Send(first, Signal.Kill);
        await Wait.Until(async () => await PidAsync(server) != first, () => "a new worker");
        Assert.False(LinuxProcess.IsRunning(first));
        Assert.Single(server.Workers);
        await server.Log.WaitForAsync($"{first}");
    }

    [Theory]
    [InlineData("/exit?status=1")]
    [InlineData("/exit?status=0")]
    [InlineData("/segfault")]
    [InlineData("/abort")]
    public async Task Worker_EndedByAView_Is502ForItsClientAndReplaced(string target)
    {
        DarterServer server = await StartAsync(Options());
        int first = await PidAsync(server);
        Assert.Equal(502, (await AskAsync(server, target)).Status);
        Assert.NotEqual(first, await PidAsync(server));
    }

    [Fact]
    public async Task Worker_KilledWhileServing_Is502ForItsClientAlone()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(Options() with { Workers = 2 });
        Task<RawResponse> one = AskAsync(server, $"/wait?port={gate.Port}");
        int killed = int.Parse((await gate.ReachedAsync("waiting")).Text);
        Task<RawResponse> two = AskAsync(server, $"/wait?port={gate.Port}");
        Gate.Arrival other = await gate.ReachedAsync("waiting");
        Assert.NotEqual($"{killed}", other.Text);

        LinuxProcess.Send(killed, Signal.Kill);
        Assert.Equal(502, (await one).Status);
        other.Release();
        Assert.Equal((200, other.Text), ((await two).Status, (await two).Text));
    }

    [Fact]
    public async Task Worker_KilledWithRequestsWaiting_LosesOnlyTheOneItRan()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(Options());
        Task<RawResponse> running = AskAsync(server, $"/wait?port={gate.Port}");
        int pid = int.Parse((await gate.ReachedAsync("waiting")).Text);
        Task<RawResponse>[] waiting = [.. Enumerable.Range(0, 20).Select(_ => AskAsync(server, "/pid"))];
        LinuxProcess.Send(pid, Signal.Kill);
        Assert.Equal(502, (await running).Status);
        Assert.All(await Task.WhenAll(waiting), response => Assert.Equal(200, response.Status));
    }

    [Fact]
    public async Task Worker_KilledInTheMiddleOfAResponse_BreaksThatConnectionAlone()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(Options());
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync($"GET /partial?port={gate.Port} HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal(200, (await connection.ReadHeadAsync()).Status);
        Assert.Equal("part"u8.ToArray(), await connection.ReadChunkAsync());
        LinuxProcess.Send(int.Parse((await gate.ReachedAsync("waiting")).Text), Signal.Kill);
        await Assert.ThrowsAnyAsync<IOException>(connection.ReadChunkAsync);
        Assert.Equal(200, (await AskAsync(server, "/pid")).Status);
    }

    [Fact]
    public async Task Worker_ThatDiesWithEveryRequest_LeavesTheServerAnswering()
    {
        DarterServer server = await StartAsync(Options() with { Workers = 2 });
        for (int i = 0; i < 6; i++)
        {
            Assert.Equal(502, (await AskAsync(server, "/exit?status=1")).Status);
        }

        Assert.Equal(200, (await AskAsync(server, "/pid")).Status);
        await Wait.Until(() => server.Workers.Count == 2, "two workers");
        Assert.DoesNotContain(server.Workers, pid => LinuxProcess.State(pid) == 'Z');
    }

    [Fact]
    public async Task Worker_ThatDiesSoonAgainAndAgain_IsStartedMoreAndMoreSlowly()
    {
        DarterServer server = await StartAsync(Options());
        await Wait.Until(
            () =>
            {
                foreach (int pid in server.Workers)
                {
                    LinuxProcess.Send(pid, Signal.Kill);
                }

                return Delays(server).Count >= 4;
            },
            () => "the server to start the worker later and later");
        List<double> delays = Delays(server);
        Assert.Equal(delays.Order(), delays);
        Assert.True(delays[^1] > delays[0], string.Join(", ", delays));
        await Wait.Until(async () => (await AskAsync(server, "/pid")).Status == 200, () => "the server to serve again");
    }

    [Fact]
    public async Task Worker_Replaced_LeavesNoZombie()
    {
        DarterServer server = await StartAsync(Options() with { Workers = 2 });
        foreach (int pid in server.Workers)
        {
            LinuxProcess.Send(pid, Signal.Kill);
            await Wait.Until(() => LinuxProcess.State(pid) is null, $"{pid} to be gone altogether");
        }

        await Wait.Until(() => server.Workers.Count == 2, "two new workers");
        Assert.Equal(200, (await AskAsync(server, "/pid")).Status);
    }

    // The delays that the server announced, in seconds.
    private static List<double> Delays(DarterServer server) =>
        server.Log.Lines().Select(line => Delay().Match(line)).Where(match => match.Success)
            .Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)).ToList();

    private static DarterServerOptions Options() => new() { Target = App("crash") };

    private static async Task<int> PidAsync(DarterServer server)
    {
        RawResponse response = await AskAsync(server, "/pid");
        return response.Status == 200 ? int.Parse(response.Text) : throw new InvalidOperationException($"{response}");
    }

    private static Task<RawResponse> AskAsync(DarterServer server, string target) =>
        RawConnection.ExchangeAsync(server.Address, $"GET {target} HTTP/1.1\r\nHost: h\r\n\r\n");

    [GeneratedRegex(@"again in ([0-9.]+) s")]
    private static partial Regex Delay();
}
