using Darter.Testing.Http2;
using Darter.Testing.Processes;
using Darter.Testing.WebSockets;

namespace Darter.Integration.Tests.Asgi;

/// <summary>Thousands of faults, clients that leave and WebSockets leave nothing behind in the front or in a worker.</summary>
public class LeakTests(ServerPool pool) : AsgiTest(pool)
{
    private const int Repetitions = 10_000;
    private const int MemoryAllowance = 24 * 1024;

    private static readonly string[] Faults =
    [
        "hello", "returns", "returns_after_start", "returns_amid_body", "unknown_type", "not_a_dict", "start_twice", "body_after_end", "value_crlf",
        "too_long", "too_short", "too_short_pieces", "raises", "raises_amid_body", "raises_after_end", "pathsend_missing",
    ];

    [Fact]
    public Task Faults_ByTheThousand_LeaveNothingBehind() => CheckAsync("faults", async (server, count) =>
    {
        for (int i = 0; i < count; i++)
        {
            await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
            await connection.WriteAsync(Get($"/{Faults[i % Faults.Length]}", "Connection: close\r\n"));
            await connection.ReadToEndAsync();
        }
    });

    [Fact]
    public Task Clients_ThatLeave_LeaveNothingBehind() => CheckAsync("http", async (server, count) =>
    {
        for (int i = 0; i < count / 4; i++)
        {
            foreach (string request in (string[])[Get("/hello"), "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf", Get("/pathsend_large")])
            {
                await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
                await connection.WriteAsync(request);
                await connection.ReadHeadAsync();
                connection.Abort();
            }

            await using RawHttp2Connection http2 = await RawHttp2Connection.OpenAsync(server.Address);
            await http2.WriteHeadersAsync(1, RawHttp2Connection.Request("POST", "/echo"), end: false);
            await http2.WriteAsync(new Http2Frame(Http2FrameType.ResetStream, 0, 1, [0, 0, 0, 8]));
            await http2.WriteHeadersAsync(3, RawHttp2Connection.Request("GET", "/hello"));
            Assert.Equal("200 hello", await http2.ReadOutcomeAsync(3));
        }
    });

    [Fact]
    public Task WebSockets_ThatCameAndWent_LeaveNothingBehind() => CheckAsync("websocket", async (server, count) =>
    {
        for (int i = 0; i < count / 4; i++)
        {
            await using (RawWebSocket closed = await RawWebSocket.OpenAsync(server.Address, "/echo", i % 2 == 0 ? "" : "Sec-WebSocket-Extensions: permessage-deflate\r\n"))
            {
                await closed.WriteAsync("text");
                await closed.ReadAsync();
                await closed.WriteAsync(WebSocketFrame.Close(1000));
                await closed.ReadCloseAsync();
            }

            RawWebSocket left = await RawWebSocket.OpenAsync(server.Address, "/echo");
            await left.WriteAsync("text");
            left.Connection.Abort();
            await using RawWebSocket raising = await RawWebSocket.OpenAsync(server.Address, "/raises");
            Assert.Equal(1011, (await raising.ReadCloseAsync()).Code);
            await using RawWebSocket denied = await RawWebSocket.AskAsync(server.Address, "/denies");
            Assert.Equal(418, (await denied.Connection.ReadResponseAsync()).Status);
        }
    });

    private async Task CheckAsync(string application, Func<DarterServer, int, Task> serve)
    {
        DarterServer server = await StartAsync(application);
        await serve(server, Repetitions / 4);
        IReadOnlyList<int> workers = server.Workers;
        int[] processes = [server.Pid, .. workers];
        await SettleAsync(server);
        int[] descriptors = [.. processes.Select(LinuxProcess.DescriptorCount)];
        long[] memory = [.. processes.Select(LinuxProcess.AnonymousMemory)];

        await serve(server, Repetitions);

        Assert.Equal(workers, server.Workers);
        await Wait.Until(
            () => processes.Select(LinuxProcess.DescriptorCount).Zip(descriptors).All(pair => pair.First <= pair.Second),
            () => $"descriptors to be closed; open are\n{string.Join("\n--\n", processes.Select(pid => string.Join('\n', LinuxProcess.Descriptors(pid))))}");
        long[] after = [.. processes.Select(LinuxProcess.AnonymousMemory)];
        Assert.True(
            after.Zip(memory).All(pair => pair.First < pair.Second + MemoryAllowance),
            $"The processes grew from {string.Join(", ", memory)} to {string.Join(", ", after)} kB.");
    }

    // The front has noticed that all clients are gone when it has no connection any more.
    private static Task SettleAsync(DarterServer server)
    {
        string address = $"0100007F:{server.Address.Port:X4} ";
        return Wait.Until(
            () => !File.ReadLines("/proc/net/tcp").Any(line => line.Contains($": {address}", StringComparison.Ordinal) && line.Contains(" 01 ", StringComparison.Ordinal)),
            "the connections to be closed");
    }
}
