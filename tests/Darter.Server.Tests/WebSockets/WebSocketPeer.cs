using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Darter.Server.WebSockets;
using Darter.Testing;
using Darter.Testing.Http;

namespace Darter.Server.Tests.WebSockets;

/// <summary>A client that writes whatever frames a test likes, over HTTP/1.1.</summary>
internal sealed class WebSocketPeer : IAsyncDisposable
{
    internal const string Key = "dGhlIHNhbXBsZSBub25jZQ==";

    private WebSocketPeer(RawConnection connection) => Connection = connection;

    public RawConnection Connection { get; }

    /// <summary>Opens a connection and asks for a WebSocket.</summary>
    public static async Task<WebSocketPeer> AskAsync(ServerAddress address, string fields = "", string target = "/", int? receiveBuffer = null)
    {
        RawConnection connection = await RawConnection.OpenAsync(address, receiveBuffer);
        await connection.WriteAsync(Request(address, fields, target));
        return new WebSocketPeer(connection);
    }

    /// <summary>A valid request for a WebSocket.</summary>
    public static string Request(ServerAddress address, string fields = "", string target = "/") =>
        $"GET {target} HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
        $"Sec-WebSocket-Key: {Key}\r\nSec-WebSocket-Version: 13\r\n{fields}\r\n";

    /// <summary>Reads the answer to the handshake.</summary>
    public async Task<RawResponse> ReadAnswerAsync()
    {
        RawResponse answer = await Connection.ReadHeadAsync();
        Assert.Equal(101, answer.Status);
        return answer;
    }

    public Task SendTextAsync(string text) => SendAsync(FrameOpcode.Text, Encoding.UTF8.GetBytes(text));

    /// <summary>Sends a frame, masked.</summary>
    public Task SendAsync(FrameOpcode opcode, ReadOnlySpan<byte> payload, bool final = true, byte reserved = 0) =>
        Connection.WriteAsync(Frame(opcode, payload, final, reserved));

    public Task SendCloseAsync(ushort code, string reason = "")
    {
        byte[] payload = [(byte)(code >> 8), (byte)code, .. Encoding.UTF8.GetBytes(reason)];
        return SendAsync(FrameOpcode.Close, payload);
    }

    public static byte[] Frame(FrameOpcode opcode, ReadOnlySpan<byte> payload, bool final = true, byte reserved = 0)
    {
        byte[] frame = new byte[14 + payload.Length];
        int size = ServerFrame.WriteHeader(frame, opcode, final, compressed: false, payload.Length);
        frame[0] |= (byte)(reserved << 4);
        frame[1] |= 0x80;
        Span<byte> mask = frame.AsSpan(size, 4);
        RandomNumberGenerator.Fill(mask);
        for (int i = 0; i < payload.Length; i++)
        {
            frame[size + 4 + i] = (byte)(payload[i] ^ mask[i & 3]);
        }

        return frame[..(size + 4 + payload.Length)];
    }

    /// <summary>Reads a frame.</summary>
    public async Task<(FrameOpcode Opcode, bool Final, byte Reserved, byte[] Payload)> ReadAsync()
    {
        byte[] start = await Connection.ReadBytesAsync(2);
        Assert.True(start[1] < 128, "a server must not mask");
        int length = start[1];
        if (length == 126)
        {
            length = BinaryPrimitives.ReadUInt16BigEndian(await Connection.ReadBytesAsync(2));
        }
        else if (length == 127)
        {
            length = (int)BinaryPrimitives.ReadInt64BigEndian(await Connection.ReadBytesAsync(8));
        }

        return ((FrameOpcode)(start[0] & 15), start[0] >= 128, (byte)((start[0] >> 4) & 7), await Connection.ReadBytesAsync(length));
    }

    /// <summary>Reads a frame that must be a whole text message.</summary>
    public async Task<string> ReadTextAsync()
    {
        (FrameOpcode opcode, bool final, _, byte[] payload) = await ReadAsync();
        Assert.Equal((FrameOpcode.Text, true), (opcode, final));
        return Encoding.UTF8.GetString(payload);
    }

    /// <summary>Reads a frame that must be a close frame.</summary>
    public async Task<(ushort Code, string Reason)> ReadCloseAsync()
    {
        (FrameOpcode opcode, _, _, byte[] payload) = await ReadAsync();
        Assert.Equal(FrameOpcode.Close, opcode);
        return payload.Length == 0 ? ((ushort)1005, "") : (BinaryPrimitives.ReadUInt16BigEndian(payload), Encoding.UTF8.GetString(payload.AsSpan(2)));
    }

    public ValueTask DisposeAsync() => Connection.DisposeAsync();
}
