using System.Buffers.Binary;
using Darter.Testing.Http;

namespace Darter.Testing.WebSockets;

/// <summary>A WebSocket over HTTP/1.1 on which a test writes whatever frames, or bytes, it likes.</summary>
public sealed class RawWebSocket : IAsyncDisposable
{
    private const string Key = "dGhlIHNhbXBsZSBub25jZQ==";

    private RawWebSocket(RawConnection connection) => Connection = connection;

    /// <summary>The connection below it.</summary>
    public RawConnection Connection { get; }

    /// <summary>The answer to the handshake; null as long as it was not read.</summary>
    public RawResponse? Answer { get; private set; }

    /// <summary>A valid request for a WebSocket.</summary>
    /// <param name="target">Path and query.</param>
    /// <param name="fields">More header fields, each with CRLF at its end.</param>
    public static string Request(string target, string fields = "") =>
        $"GET {target} HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: {Key}\r\nSec-WebSocket-Version: 13\r\n{fields}\r\n";

    /// <summary>Sends the request and does not wait for its answer.</summary>
    public static async Task<RawWebSocket> AskAsync(ServerAddress address, string target, string fields = "", int? receiveBuffer = null)
    {
        var socket = new RawWebSocket(await RawConnection.OpenAsync(address, receiveBuffer));
        await socket.Connection.WriteAsync(Request(target, fields));
        return socket;
    }

    /// <summary>Opens a WebSocket that the application accepts.</summary>
    /// <exception cref="InvalidDataException">It is not accepted.</exception>
    public static async Task<RawWebSocket> OpenAsync(ServerAddress address, string target, string fields = "", int? receiveBuffer = null)
    {
        RawWebSocket socket = await AskAsync(address, target, fields, receiveBuffer);
        socket.Answer = await socket.Connection.ReadHeadAsync();
        return socket.Answer.Status == 101 ? socket : throw new InvalidDataException($"The WebSocket was not accepted: {socket.Answer}");
    }

    /// <summary>Sends a frame.</summary>
    public Task WriteAsync(WebSocketFrame frame) => Connection.WriteAsync(frame.ToMaskedBytes());

    /// <summary>Sends a text message.</summary>
    public Task WriteAsync(string text) => WriteAsync(WebSocketFrame.OfText(text));

    /// <summary>Reads a frame.</summary>
    /// <exception cref="InvalidDataException">It is masked, or the connection has ended.</exception>
    public async Task<WebSocketFrame> ReadAsync()
    {
        byte[] start = await Connection.ReadBytesAsync(2);
        if (start[1] >= 128)
        {
            throw new InvalidDataException("A server must not mask.");
        }

        long length = start[1] switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(await Connection.ReadBytesAsync(2)),
            127 => BinaryPrimitives.ReadInt64BigEndian(await Connection.ReadBytesAsync(8)),
            byte small => small,
        };
        return new WebSocketFrame(
            (WebSocketOpcode)(start[0] & 15), await Connection.ReadBytesAsync(checked((int)length)), start[0] >= 128, (byte)((start[0] >> 4) & 7));
    }

    /// <summary>Reads a frame that is a whole text message.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public async Task<string> ReadTextAsync() => await ReadAsync() is { Opcode: WebSocketOpcode.Text, IsFinal: true } frame
        ? frame.Text
        : throw new InvalidDataException("No text in one frame.");

    /// <summary>Reads the close frame, and what comes before it.</summary>
    public async Task<(int Code, string Reason)> ReadCloseAsync()
    {
        WebSocketFrame frame;
        do
        {
            frame = await ReadAsync();
        }
        while (frame.Opcode != WebSocketOpcode.Close);
        return (frame.CloseCode, frame.CloseReason);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Connection.DisposeAsync();
}
