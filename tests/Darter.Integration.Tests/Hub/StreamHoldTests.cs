using System.Text;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Hub;

/// <summary><c>Grip-Hold: stream</c>: server-sent events from applications that hold nothing themselves.</summary>
public sealed class StreamHoldTests(ServerPool pool) : HubTest(pool)
{
    /// <summary>Interface and version of HTTP.</summary>
    public static MatrixTheoryData<string, HttpProtocol> InterfacesAndProtocols => new(["wsgi", "asgi"], Rows.Protocols);

    [Theory]
    [MemberData(nameof(InterfacesAndProtocols))]
    public async Task Stream_OutlivesReloadAndDeathOfTheWorker_AndIsLoggedAtItsEnd(string application, HttpProtocol protocol)
    {
        string folder = application == "wsgi" ? RepositoryPaths.WsgiApp("hub") : RepositoryPaths.AsgiApp("hub");
        DarterServer server = await StartFolderAsync(folder, "--access-logfile", "-");
        using HttpClient client = ServerClient.Create(server.Address, protocol);
        using (EventStream events = await ListenAsync(client, "room"))
        {
            Assert.Equal(1, await PublishAsync(client, "room", "one"));
            Assert.Equal("one", await events.ReadAsync());

            int worker = Assert.Single(server.Workers);
            server.Send(Signal.Hangup);
            await Wait.Until(() => server.Workers is [var other] && other != worker, "another generation");
            Assert.Equal(1, await PublishAsync(client, "room", "two"));
            Assert.Equal("two", await events.ReadAsync());

            worker = Assert.Single(server.Workers);
            LinuxProcess.Send(worker, Signal.Kill);
            await Wait.Until(() => server.Workers is [var other] && other != worker, "another worker");
            Assert.Equal(1, await PublishAsync(client, "room", "three"));
            Assert.Equal("three", await events.ReadAsync());
            Assert.DoesNotContain("/events", server.Output.Text, StringComparison.Ordinal);
        }

        await Wait.Until(async () => await PublishAsync(client, "room", "four") == 0, () => "the subscription to end");
        await server.Output.WaitForAsync("GET /events?channel=room");
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Stream_OfAClientThatComesAgainAndAgain_MissesNothing_AndGetsNothingTwice(HttpProtocol protocol)
    {
        const int Count = 200;
        DarterServer server = await StartHubAsync("--hub-history-size", "1000");
        using HttpClient client = ServerClient.Create(server.Address, protocol);
        List<string> got = [];
        EventStream events = await ListenAsync(client, "a|b");
        Task publishing = Task.Run(
            async () =>
            {
                using HttpClient publisher = ServerClient.Create(server.Address, HttpProtocol.Http1);
                for (int i = 0; i < Count; i++)
                {
                    await PublishAsync(publisher, i % 3 == 0 ? "a" : "b", $"{i}");
                }
            },
            Cancellation);

        string? last = null;
        while (got.Count < Count)
        {
            for (int i = 0; i < 7 && got.Count < Count; i++)
            {
                got.Add((await events.ReadAsync())!);
            }

            last = events.LastId;
            events.Dispose();
            events = await ListenAsync(client, "a|b", last);
        }

        await publishing;
        events.Dispose();
        Assert.Equal(Enumerable.Range(0, Count).Select(i => $"{i}"), got);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Stop_EndsStreamsInOrder(HttpProtocol protocol)
    {
        DarterServer server = await StartHubAsync("--graceful-timeout", "1000");
        using HttpClient client = ServerClient.Create(server.Address, protocol);
        using EventStream events = await ListenAsync(client, "room");
        Assert.Equal(1, await PublishAsync(client, "room", "one"));
        server.Send(Signal.Terminate);
        Assert.Equal("one", await events.ReadAsync());

        // A stream that was broken off would be an exception.
        Assert.Null(await events.ReadAsync());
        Assert.Equal(0, await server.WaitForExitAsync());
    }

    [Fact]
    public async Task Stream_IsKeptAlive_AndClosedByAMessage()
    {
        string socket = Path.Combine(TemporaryFolder(), "publish.sock");
        DarterServer server = await StartHubAsync("--publish-bind", $"unix:{socket}");
        await using RawConnection client = await RawConnection.OpenAsync(server.Address);
        const string Instruct =
            """{"hold": {"mode": "stream", "channels": [{"name": "room"}], "keep-alive": {"content": "!", "timeout": 1}}, "response": {"headers": {"X-A": "1"}, "body": "begin"}}""";
        await client.WriteAsync($"POST /instruct HTTP/1.1\r\nHost: h\r\nContent-Length: {Instruct.Length}\r\n\r\n{Instruct}");
        RawResponse head = await client.ReadHeadAsync();
        Assert.Equal((200, "1", null), (head.Status, head["x-a"], head["content-length"]));
        Assert.Equal("begin"u8.ToArray(), await client.ReadChunkAsync());
        Assert.Equal("!"u8.ToArray(), await client.ReadChunkAsync());
        CommandResult result = await Command.RunAsync(
            RepositoryPaths.Executable, ["publish", "room", "over", "--address", $"unix:{socket}", "--stream", "raw"], Path.GetTempPath());
        Assert.Equal((0, "Subscribers reached: 1\n", ""), (result.ExitCode, result.Output, result.Errors));
        byte[] chunk;
        while ((chunk = await client.ReadChunkAsync()).AsSpan().SequenceEqual("!"u8))
        {
        }

        Assert.Equal("over"u8.ToArray(), chunk);
        using HttpClient publisher = PublishEndpointTests.ClientOf(socket);
        await PublishEndpointTests.PostAsync(publisher, """{"items": [{"channel": "room", "http-stream": {"action": "close"}}]}""");
        while ((chunk = await client.ReadChunkAsync()).AsSpan().SequenceEqual("!"u8))
        {
        }

        Assert.Empty(chunk);

        // As its head has said.
        Assert.Equal("close", head["connection"]);
        Assert.Empty(await client.ReadToEndAsync());
        using HttpClient other = ServerClient.Create(server.Address, HttpProtocol.Http1);
        Assert.Equal(0, await SubscribersAsync(other, "room"));
    }

    [Fact]
    public async Task Stream_OverHttp10_EndsWithTheConnection()
    {
        DarterServer server = await StartHubAsync();
        using HttpClient client = ServerClient.Create(server.Address, HttpProtocol.Http1);
        await using RawConnection listener = await RawConnection.OpenAsync(server.Address);
        await listener.WriteAsync("GET /events?channel=room HTTP/1.0\r\n\r\n");
        RawResponse head = await listener.ReadHeadAsync();
        Assert.Equal((200, null, null), (head.Status, head["transfer-encoding"], head["content-length"]));
        Assert.Equal(1, await PublishAsync(client, "room", "one"));
        server.Send(Signal.Terminate);
        Assert.EndsWith("data: one\n\n", Encoding.UTF8.GetString(await listener.ReadToEndAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_CountsAsRunningUntilItsEnd()
    {
        DarterServer server = await StartHubAsync("--limit-concurrency", "2");
        using HttpClient client = ServerClient.Create(server.Address, HttpProtocol.Http1);
        using EventStream first = await ListenAsync(client, "room");
        EventStream second = await ListenAsync(client, "other");
        using (HttpResponseMessage refused = await client.GetAsync("/presence?channel=room", Cancellation))
        {
            Assert.Equal(503, (int)refused.StatusCode);
        }

        second.Dispose();
        await Wait.Until(
            async () =>
            {
                using HttpResponseMessage response = await client.GetAsync("/presence?channel=room", Cancellation);
                return response.IsSuccessStatusCode;
            },
            () => "room for another request");
    }

    [Theory]
    [InlineData("", true)]
    [InlineData(";slow=drop", false)]
    public async Task Stream_OfASlowClient_IsBrokenOff_UnlessItsMessagesAreToBeDropped(string policy, bool isBrokenOff)
    {
        DarterServer server = await StartHubAsync("--hub-max-queue", "1000", "--hub-history-size", "0");
        using HttpClient client = ServerClient.Create(server.Address, HttpProtocol.Http1);
        await using RawConnection slow = await RawConnection.OpenAsync(server.Address, receiveBuffer: 4096);
        await slow.WriteAsync($"GET /events?channel=room&hold={Uri.EscapeDataString(policy)} HTTP/1.1\r\nHost: h\r\n\r\n");
        await WaitForSubscribersAsync(client, "room", 1);
        int reached = 1;

        // More than the buffers of the kernel and the server hold.
        for (int i = 0; i < 200 && reached == 1; i++)
        {
            reached = await PublishAsync(client, "room", "x&times=100000");
        }

        Assert.Equal(isBrokenOff ? 0 : 1, reached);
        if (!isBrokenOff)
        {
            // It is still there for what it can take.
            slow.Abort();
            await WaitForSubscribersAsync(client, "room", 0);
        }
    }
}
