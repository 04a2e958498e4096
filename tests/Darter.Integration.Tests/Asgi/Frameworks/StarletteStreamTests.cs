using System.Net;
using Darter.Testing.Http2;

namespace Darter.Integration.Tests.Asgi.Frameworks;

/// <summary>Starlette: streams, server-sent events, background tasks, clients that leave.</summary>
public class StarletteStreamTests(ServerPool pool) : StarletteTest(pool)
{
    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task StreamingResponse_ArrivesPieceByPiece(string application, HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        using HttpClient client = await ClientAsync(application, protocol);
        await AssertComesLineByLineAsync(client, $"/stream?word=piece&port={gate.Port}", gate, "piece 0", "piece 1", "piece 2");
        await AssertComesLineByLineAsync(client, $"/threaded_stream?port={gate.Port}", gate, "threaded 0", "threaded 1", "threaded 2");
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task ServerSentEvents_ArriveOneByOne(string application, HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        using HttpClient client = await ClientAsync(application, protocol);
        using HttpRequestMessage request = client.CreateRequest(HttpMethod.Get, $"/events?port={gate.Port}");
        request.Headers.Add("Accept", "text/event-stream");
        request.Headers.Add("Last-Event-ID", "41");
        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);

        using var body = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation));
        for (int number = 42; number < 45; number++)
        {
            foreach (string line in (string[])[$"id: {number}", "event: tick", $"data: number {number}", ""])
            {
                Assert.Equal(line, await Wait.For(body.ReadLineAsync(Cancellation).AsTask(), $"event {number}"));
            }

            (await gate.ReachedAsync("sent")).Release();
        }

        Assert.Null(await Wait.For(body.ReadLineAsync(Cancellation).AsTask(), "the end of the body"));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task ServerSentEvents_OfManyClients_ComeSideBySide(HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        using HttpClient client = await ClientAsync("app", protocol);
        Task<string>[] streams = [.. Enumerable.Range(0, 50).Select(_ => client.GetStringAsync($"/events?port={gate.Port}", Cancellation))];
        for (int number = 1; number < 4; number++)
        {
            // All of them have sent this event, and none the next.
            var arrivals = new List<Gate.Arrival>();
            while (arrivals.Count < streams.Length)
            {
                arrivals.Add(await gate.ReachedAsync("sent"));
            }

            Assert.All(arrivals, arrival => Assert.Equal($"{number}", arrival.Text));
            arrivals.ForEach(arrival => arrival.Release());
        }

        Assert.All(await Task.WhenAll(streams), text => Assert.EndsWith("data: number 3\n\n", text, StringComparison.Ordinal));
    }

    // Behind BaseHTTPMiddleware this Starlette ends a response only when its background tasks have ended.
    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task BackgroundTasks_RunAfterTheResponse(HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        using HttpClient client = await ClientAsync("app", protocol);
        Assert.Equal((HttpStatusCode.OK, "answered"), await ReadAsync(client.GetAsync($"/background?port={gate.Port}", Cancellation)));

        // The first task waits, and keeps neither its connection nor others from being served.
        Gate.Arrival first = await gate.ReachedAsync("asynchronous");
        Assert.Equal((HttpStatusCode.OK, "hello"), await ReadAsync(client.GetAsync("/", Cancellation)));
        Assert.False(gate.IsReached("threaded"));
        first.Release();
        await gate.ReachedAsync("threaded");
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task BackgroundTask_ThatFails_IsLoggedAndTheResponseIsWhole(HttpProtocol protocol)
    {
        DarterServer server = await ShareStarletteAsync();
        int mark = server.Log.Count;
        string word = $"word{Guid.NewGuid():N}";
        using HttpClient client = Client(server, protocol);
        Assert.Equal((HttpStatusCode.OK, "answered"), await ReadAsync(client.GetAsync($"/failing_background?word={word}", Cancellation)));
        await server.Log.WaitForAsync($"RuntimeError: failed in the background {word}", mark);
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task Exception_AmidTheBody_BreaksTheResponseOff(string application, HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareStarletteAsync(application);
        int mark = server.Log.Count;
        string word = $"word{Guid.NewGuid():N}";
        using HttpClient client = Client(server, protocol);
        using HttpResponseMessage response = await BeginAsync(client, $"/fail_amid?word={word}&port={gate.Port}");
        using var body = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation));
        Assert.Equal("begun", await body.ReadLineAsync(Cancellation));
        (await gate.ReachedAsync("sent")).Release();

        await Assert.ThrowsAnyAsync<IOException>(() => Wait.For(body.ReadToEndAsync(Cancellation), "the end of the body"));
        await server.Log.WaitForAsync($"RuntimeError: failed amid the body {word}", mark);
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task Client_ThatLeavesAStream_EndsItWithoutATraceback(string application, HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareStarletteAsync(application);
        using (HttpClient client = Client(server, protocol))
        {
            using HttpResponseMessage response = await BeginAsync(client, $"/endless?port={gate.Port}");
            using Stream body = await response.Content.ReadAsStreamAsync(Cancellation);
            await Wait.For(body.ReadExactlyAsync(new byte[10_000], Cancellation).AsTask(), "the body");
        }

        using HttpClient other = Client(server, protocol);
        await Wait.Until(
            async () => gate.IsReached("ended") || await other.GetStringAsync("/collect", Cancellation) is "",
            () => "the stream to end");
        Assert.DoesNotContain("endless", server.Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("app")]
    [InlineData("wrapped")]
    public async Task Client_ThatEndsItsSide_EndsTheStreamWithoutAnError(string application)
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareStarletteAsync(application);
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync(Get($"/events?port={gate.Port}"));
        await connection.ReadHeadAsync();
        await gate.ReachedAsync("sent");

        connection.ShutdownSend();

        await connection.ReadToEndAsync();
        Assert.Equal("hello", (await AskAsync(server, "/")).Text);
        Assert.DoesNotContain($"/events?port={gate.Port}", server.Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task IsDisconnected_OnceTheClientLeft_IsTrue(HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        using (HttpClient client = await ClientAsync("app", protocol))
        {
            using var leave = new CancellationTokenSource();
            Task<HttpResponseMessage> sent = client.GetAsync($"/until_disconnected?port={gate.Port}", leave.Token);
            Assert.Equal("False", (await gate.ReachedAsync("waiting")).Text);
            await leave.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sent);
        }

        await gate.ReachedAsync("left");
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task Client_ThatBreaksItsUploadOff_IsAClientDisconnect(string application, HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareStarletteAsync(application);
        string target = $"/upload_left?port={gate.Port}";
        if (protocol == HttpProtocol.Http2)
        {
            await using RawHttp2Connection connection = await RawHttp2Connection.OpenAsync(server.Address);
            await connection.WriteHeadersAsync(1, RawHttp2Connection.Request("POST", target, ("content-length", "100")), end: false);
            await connection.WriteDataAsync(1, "half", end: false);
            await gate.ReachedAsync("waiting");
            connection.Abort();
        }
        else
        {
            await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
            await connection.WriteAsync($"POST {target} HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf");
            await gate.ReachedAsync("waiting");
            connection.Abort();
        }

        Assert.Equal("client left", (await gate.ReachedAsync("left")).Text);
    }
}
