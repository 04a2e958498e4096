using System.Net.Sockets;
using System.Text;
using Darter.Testing.WebSockets;

namespace Darter.Integration.Tests.Asgi;

/// <summary>Who is slow holds the other side up, at a bounded buffer, and nobody else.</summary>
public class BackpressureTests(ServerPool pool) : AsgiTest(pool)
{
    private const int Much = 64 * 1024 * 1024;

    // What the kernel keeps for both ends of a connection, and the server of a body.
    private const int Bound = 24 * 1024 * 1024;

    [Fact]
    public async Task Application_ThatDoesNotReceive_StopsTheUpload()
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareAsync("http");
        using Socket socket = await server.Address.ConnectAsync(cancellation: Cancellation);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"POST /reads_when_told?port={gate.Port} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {Much}\r\n\r\n"), Cancellation);
        Gate.Arrival arrival = await gate.ReachedAsync("waiting");

        long taken = await SlowSocket.FillAsync(socket, new byte[65536], Much);
        Assert.InRange(taken, 1, Bound);
        Assert.Equal("hello", (await AskAsync(server, "/hello")).Text);

        arrival.Release();
        var rest = new byte[Much - taken];
        for (int sent = 0; sent < rest.Length;)
        {
            sent += await Wait.For(socket.SendAsync(rest.AsMemory(sent), Cancellation).AsTask(), "the server to read");
        }

        using var reader = new StreamReader(new NetworkStream(socket));
        Assert.EndsWith($"\r\n{Much}", await Wait.For(reader.ReadToEndAsync(Cancellation), "the answer"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HttpProtocol.Http1)]
    [InlineData(HttpProtocol.Http2)]
    public async Task Client_ThatDoesNotRead_MakesSendWait(HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareAsync("http");
        using HttpClient client = Client(server, protocol);
        using HttpResponseMessage response = await BeginAsync(client, $"/floods?count={Much / 65536}&port={gate.Port}");

        long taken = long.Parse((await gate.ReachedAsync("blocked")).Text, System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(taken, 1, Bound);
        Assert.Equal("hello", (await AskAsync(server, "/hello")).Text);

        using Stream body = await response.Content.ReadAsStreamAsync(Cancellation);
        var buffer = new byte[1024 * 1024];
        long read = 0;
        int count;
        while ((count = await Wait.For(body.ReadAsync(buffer, Cancellation).AsTask(), "more of the body")) > 0)
        {
            read += count;
        }

        Assert.Equal(Much + 3, read);
    }

    [Fact]
    public async Task Application_ThatDoesNotReceiveMessages_StopsTheClient()
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareAsync("websocket");
        using Socket socket = await server.Address.ConnectAsync(cancellation: Cancellation);
        await socket.SendAsync(Encoding.ASCII.GetBytes(RawWebSocket.Request($"/reads_when_told?port={gate.Port}")), Cancellation);
        Gate.Arrival arrival = await gate.ReachedAsync("waiting");

        byte[] frame = new WebSocketFrame(WebSocketOpcode.Binary, new byte[65536]).ToMaskedBytes();
        long taken = await SlowSocket.FillAsync(socket, frame, Much);
        Assert.InRange(taken, 1, Bound);
        Assert.Equal(200, (await AskAsync(server, "/")).Status);

        // The rest of the frame that was begun, and the message that asks for the sizes of the others.
        arrival.Release();
        byte[] rest = [.. frame.AsSpan((int)(taken % frame.Length)), .. WebSocketFrame.OfText("").ToMaskedBytes()];
        for (int sent = 0; sent < rest.Length;)
        {
            sent += await Wait.For(socket.SendAsync(rest.AsMemory(sent), Cancellation).AsTask(), "the server to read");
        }

        using var reader = new StreamReader(new NetworkStream(socket), Encoding.Latin1);
        string end = ", 0]";
        string received = "";
        while (!received.EndsWith(end, StringComparison.Ordinal))
        {
            var buffer = new char[4096];
            int count = await Wait.For(reader.ReadAsync(buffer.AsMemory(), Cancellation).AsTask(), "the sizes");
            Assert.NotEqual(0, count);
            received += new string(buffer, 0, count);
        }

        Assert.Equal((taken / frame.Length) + 1, received.Split("65536").Length - 1);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(32)]
    public async Task Messages_BeyondTheQueue_Wait(int queue)
    {
        // One message more than the queue holds is not read, nor is the ping behind it.
        Gate gate = OpenGate();
        DarterServer server = await ShareAsync("websocket", "--ws-max-queue", $"{queue}");
        await using RawWebSocket socket = await RawWebSocket.OpenAsync(server.Address, $"/reads_when_told?port={gate.Port}");
        Gate.Arrival arrival = await gate.ReachedAsync("waiting");
        for (int i = 0; i < queue; i++)
        {
            await socket.WriteAsync("x");
        }

        await socket.WriteAsync(new WebSocketFrame(WebSocketOpcode.Ping, []));
        Task<WebSocketFrame> pong = socket.ReadAsync();
        await socket.WriteAsync("yz");
        await socket.WriteAsync(new WebSocketFrame(WebSocketOpcode.Text, []));
        Assert.Equal(200, (await AskAsync(server, "/")).Status);

        arrival.Release();
        Assert.Equal(WebSocketOpcode.Pong, (await pong).Opcode);
        Assert.Equal($"[{string.Concat(Enumerable.Repeat("1, ", queue))}2, 0]", await socket.ReadTextAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Client_ThatDoesNotReadMessages_MakesSendWait(bool leaves)
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareAsync("websocket");
        await using RawWebSocket socket = await RawWebSocket.OpenAsync(server.Address, $"/floods?count={Much / 60000}&port={gate.Port}");
        long taken = long.Parse((await gate.ReachedAsync("blocked")).Text, System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(taken, 1, Bound);
        Assert.Equal(200, (await AskAsync(server, "/")).Status);
        if (leaves)
        {
            socket.Connection.Abort();
            return;
        }

        // What does not fit is sent as it comes, so messages may come in frames.
        for (int i = 0; i < Much / 60000; i++)
        {
            WebSocketFrame frame = await socket.ReadAsync();
            Assert.Equal(WebSocketOpcode.Binary, frame.Opcode);
            int length = frame.Payload.Length;
            while (!frame.IsFinal)
            {
                frame = await socket.ReadAsync();
                Assert.Equal(WebSocketOpcode.Continuation, frame.Opcode);
                length += frame.Payload.Length;
            }

            Assert.Equal(60000, length);
        }

        Assert.Equal((4001, ""), await socket.ReadCloseAsync());
    }
}
