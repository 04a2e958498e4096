using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Asgi;

/// <summary>The event loop that the application runs in, and one that it blocks.</summary>
public class LoopTests(ServerPool pool) : AsgiTest(pool)
{
    [Theory]
    [InlineData("asyncio", "asyncio.unix_events False")]
    [InlineData("loops:marked", "asyncio.unix_events True")]
    public async Task Loop_OfTheOption_RunsTheApplication(string loop, string expected)
    {
        DarterServer server = await StartAsync("http", "--loop", loop);
        Assert.Equal(expected, (await AskAsync(server, "/loop")).Text);
    }

    [Theory]
    [InlineData("uvloop")]
    [InlineData("auto")]
    public async Task Loop_ThatIsUvloop_RunsTheApplication(string loop)
    {
        DarterServer server = await StartAsync(Options("http", "--loop", loop) with { Python = Require.SystemPython("uvloop") });
        Assert.Equal("uvloop False", (await AskAsync(server, "/loop")).Text);
        foreach (int worker in server.Workers)
        {
            LinuxProcess.Send(worker, Signal.Terminate);
            await server.Log.WaitForAsync($"(pid {worker}) ended: exit status 0");
        }
    }

    [Theory]
    [InlineData("nonsense", "--loop nonsense is none of auto, asyncio, uvloop, module:factory.")]
    [InlineData("loops:none", "--loop loops:none gives no event loop: None.")]
    [InlineData("nowhere:make", "No module named 'nowhere'")]
    public async Task Loop_ThatIsNone_EndsWithStatus3(string loop, string reason)
    {
        DarterServer server = Launch(Options("http", "--loop", loop));
        Assert.Equal(3, await server.WaitForExitAsync());
        Assert.Contains(reason, server.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Loop_ThatIsBlocked_LetsTheOtherWorkersServe()
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(Options("websocket") with { Workers = 2 });
        Task<RawResponse> blocked = AskAsync(server, $"/block?{gate.Port}");
        Gate.Arrival arrival = await gate.ReachedAsync("blocking");

        foreach (RawResponse response in await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => AskAsync(server, "/"))))
        {
            Assert.Equal(200, response.Status);
            Assert.NotEqual(arrival.Text, response.Text);
        }

        arrival.Release();
        Assert.Equal(arrival.Text, (await blocked).Text);
    }
}
