using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Asgi;

/// <summary>The scope type lifespan, from the start of the server to its end.</summary>
public class LifespanTests(ServerPool pool) : AsgiTest(pool)
{
    [Fact]
    public async Task Lifespan_OfAServer_GoesFromItsStartToItsEnd()
    {
        DarterServer server = await StartAsync("gateway-lifespan:good");
        Assert.Equal("[('started', True)]", (await AskAsync(server, "/")).Text);
        Assert.DoesNotContain("lifespan.shutdown", server.Log.Text, StringComparison.Ordinal);

        Assert.Equal(0, await server.StopAsync());

        string[] said = [.. server.Log.Lines().Where(line => !line.StartsWith('['))];
        Assert.Equal(
            [
                "scope [('asgi', {'version': '3.0', 'spec_version': '2.0'}), ('state', {}), ('type', 'lifespan')]",
                "received {'type': 'lifespan.startup'}",
                "received {'type': 'lifespan.shutdown'}",
                "state ['started']",
                "ended",
            ],
            said);
    }

    [Fact]
    public async Task Worker_ThatIsReplaced_ShutsDownAndTheNextStarts()
    {
        DarterServer server = await StartAsync("gateway-lifespan:good");
        int worker = Assert.Single(server.Workers);

        LinuxProcess.Send(worker, Signal.Terminate);

        await server.Log.WaitForAsync($"(pid {worker}) ended: exit status 0");
        await Wait.Until(() => server.Log.Lines().Count(line => line == "received {'type': 'lifespan.startup'}") == 2, "the next worker to start");
        Assert.Single(server.Log.Lines(), line => line == "ended");
        Assert.Equal(200, (await AskAsync(server, "/")).Status);
    }

    [Theory]
    [InlineData("failing", "auto", "the database is not there")]
    [InlineData("failing", "on", "the database is not there")]
    [InlineData("failing_mutely", "auto", "The application says that its startup failed.")]
    [InlineData("unsupported", "on", "AssertionError")]
    [InlineData("returns", "on", "returned from its lifespan without having started")]
    public async Task Startup_ThatFails_EndsWithStatus3AndItsMessage(string application, string mode, string reason)
    {
        DarterServer server = Launch(Options($"gateway-lifespan:{application}", "--lifespan", mode) with { Workers = 2 });
        Assert.Equal(3, await server.WaitForExitAsync());
        Assert.Contains(reason, server.Log.Text, StringComparison.Ordinal);
        Assert.Single(server.Log.Lines(), line => line.Contains("[CRITICAL]", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("unsupported", "auto")]
    [InlineData("returns", "auto")]
    [InlineData("good", "off")]
    [InlineData("failing", "off")]
    public async Task Lifespan_ThatIsNotThere_DoesNotKeepTheApplicationFromServing(string application, string mode)
    {
        DarterServer server = await StartAsync($"gateway-lifespan:{application}", "--lifespan", mode);
        if (application != "failing")
        {
            Assert.Equal("[]", (await AskAsync(server, "/")).Text);
        }

        Assert.Equal(0, await server.StopAsync());
        Assert.DoesNotContain("lifespan", string.Join('\n', server.Log.Lines().Where(line => !line.Contains("Starting darter", StringComparison.Ordinal))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shutdown_fails", "the application's shutdown failed: could not write")]
    [InlineData("shutdown_raises", "ValueError: raised in the shutdown")]
    public async Task Shutdown_ThatFails_IsLogged(string application, string reason)
    {
        DarterServer server = await StartAsync($"gateway-lifespan:{application}");
        Assert.Equal(0, await server.StopAsync());
        Assert.Contains(reason, server.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shutdown_ComesAfterTheRequestsAtHand()
    {
        DarterServer server = await StartAsync("gateway-lifespan:slow");
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await using RawConnection other = await RawConnection.OpenAsync(server.Address);

        // Both are at hand when the server stops; the second ends the first when its body is whole.
        await connection.WriteAsync(Get("/wait"));
        await other.WriteAsync("POST /release HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n");
        Assert.Equal(200, (await AskAsync(server, "/")).Status);
        server.Send(Signal.Terminate);
        await server.Log.WaitForAsync("Handling signal: ");
        await other.WriteAsync("x");

        Assert.Equal(200, (await other.ReadResponseAsync()).Status);
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        Assert.Equal(0, await server.WaitForExitAsync());
        Assert.Equal(["request done", "shutdown"], server.Log.Lines().Where(line => !line.StartsWith('[')));
    }
}
