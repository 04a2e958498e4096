using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Logs;

/// <summary>What the server says about its health.</summary>
public class HealthTests(ServerPool pool) : LogTest(pool)
{
    private static readonly string[] Probes = ["--livez", "/livez", "--readyz", "/readyz"];

    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Probes_WhileTheWorkersAreBusy_AreAnsweredAtOnce(HttpProtocol protocol)
    {
        DarterServer server = await StartAsync(Probes);
        Gate gate = OpenGate();
        Task<RawResponse> running = AskAsync(server, $"/wait?port={gate.Port}");
        Gate.Arrival arrival = await gate.ReachedAsync("waiting");
        using HttpClient client = ServerClient.Create(server.Address, protocol);

        Assert.Equal("{\"status\":\"ready\"}\n", await client.GetStringAsync("/readyz", Cancellation));
        Assert.Equal("{\"status\":\"live\"}\n", await client.GetStringAsync("/livez?verbose", Cancellation));
        using HttpResponseMessage posted = await client.PostAsync("/livez", null, Cancellation);
        Assert.Equal(405, (int)posted.StatusCode);

        arrival.Release();
        Assert.Equal(200, (await running).Status);
        Assert.Equal("hello", await client.GetStringAsync("/livez/more", Cancellation));
    }

    [Fact]
    public async Task Probes_ThatNobodyAskedFor_AreTheApplications()
    {
        DarterServer server = await StartAsync();
        Assert.Equal("hello", (await AskAsync(server, "/readyz")).Text);
        Assert.Equal("hello", (await AskAsync(server, "/livez")).Text);
    }

    [Fact]
    public async Task Probes_WhenNoWorkerCanBeStarted_Are503WithTheReason()
    {
        string folder = TemporaryFolder();
        string app = Path.Combine(folder, "shop.py");
        File.Copy(App("logs"), app);
        DarterServer server = await StartAsync(new DarterServerOptions { Target = app, Arguments = Probes });
        File.WriteAllText(app, "raise ValueError('broken meanwhile')\n");
        LinuxProcess.Send(server.Workers.Single(), Signal.Kill);
        await server.Log.WaitForAsync("requests are answered 503");

        RawResponse ready = await AskAsync(server, "/readyz");
        RawResponse live = await AskAsync(server, "/livez");
        Assert.Equal((503, "not ready", "no worker is left and none could be started"), (ready.Status, ready.Json.GetProperty("status").GetString(), ready.Json.GetProperty("reason").GetString()));
        Assert.Equal((503, "not live"), (live.Status, live.Json.GetProperty("status").GetString()));

        File.Copy(App("logs"), app, overwrite: true);
        await Wait.Until(async () => (await AskAsync(server, "/readyz")).Status == 200, () => "the server to be ready again");
    }

    [Fact]
    public async Task Stop_WithADrainDelay_FailsReadinessFirstAndServesOn()
    {
        DarterServer server = await StartAsync([.. Probes, "--drain-delay", "60"]);
        server.Send(Signal.Terminate);
        await server.Log.WaitForAsync("Not ready any more; requests are served for another 60 s (--drain-delay)");

        RawResponse ready = await AskAsync(server, "/readyz");
        Assert.Equal((503, "the server is stopping"), (ready.Status, ready.Json.GetProperty("reason").GetString()));
        Assert.Equal(200, (await AskAsync(server, "/livez")).Status);
        Assert.Equal("hello", (await AskAsync(server, "/")).Text);

        // The second signal ends the wait.
        server.Send(Signal.Interrupt);
        Assert.Equal(0, await server.WaitForExitAsync());
    }

    [Fact]
    public async Task Stop_AtOnce_DoesNotWaitForTheDrainDelay()
    {
        DarterServer server = await StartAsync([.. Probes, "--drain-delay", "600"]);
        server.Send(Signal.Interrupt);
        Assert.Equal(0, await server.WaitForExitAsync());
        Assert.DoesNotContain("--drain-delay", server.Log.Text, StringComparison.Ordinal);
    }
}
