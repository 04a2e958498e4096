using System.Text;
using Darter.Wire;

namespace Darter.Gateway.Tests.Front;

/// <summary>A WebSocket as the front has it. Only one at a time is read on a channel.</summary>
internal sealed class TestWebSocket
{
    private readonly TestChannel _channel;
    private readonly List<byte> _pieces = [];

    private TestWebSocket(TestChannel channel, uint stream)
    {
        _channel = channel;
        Stream = stream;
    }

    public uint Stream { get; }

    /// <summary>The fields of the handshake's answer.</summary>
    public List<(string Name, string Value)> Headers { get; } = [];

    /// <summary>Whether window is granted for each message that comes.</summary>
    public bool GrantsWindow { get; set; } = true;

    /// <summary>Bytes that the worker has granted.</summary>
    public long Granted { get; private set; }

    /// <summary>Asks for a WebSocket and leaves it at that.</summary>
    public static TestWebSocket Ask(TestChannel channel, string target, params (string Name, string Value)[] headers) => new(
        channel,
        channel.Send(new TestRequest(target) { IsWebSocket = true, Headers = [("host", "127.0.0.1:8000"), ("upgrade", "websocket"), .. headers] }));

    /// <summary>Opens a WebSocket.</summary>
    public static TestWebSocket Open(TestChannel channel, string target, params (string Name, string Value)[] headers)
    {
        TestWebSocket socket = Ask(channel, target, headers);
        socket.ReadAccept();
        return socket;
    }

    /// <summary>Reads that it was accepted.</summary>
    public void ReadAccept()
    {
        TestFrame frame = Read();
        Assert.Equal(FrameType.Response, frame.Type);
        Assert.False(frame.IsEnd);
        Assert.True(ResponseHead.TryRead(frame.Payload, out ResponseHead head));
        Assert.Equal(101, head.Status);
        Assert.True(head.Body.IsEmpty);
        Headers.AddRange(TestResponse.ReadHeaders(head.Headers));
    }

    /// <summary>Sends a text.</summary>
    public void Send(string text) => SendPiece(MessageKind.Text, Encoding.UTF8.GetBytes(text), isLast: true);

    /// <summary>Sends bytes.</summary>
    public void Send(byte[] bytes) => SendPiece(MessageKind.Binary, bytes, isLast: true);

    /// <summary>Sends a piece of a message.</summary>
    public void SendPiece(MessageKind kind, byte[] piece, bool isLast) =>
        _channel.Send(FrameType.Message, Stream, [(byte)kind, .. piece], isLast ? FrameFlags.End : FrameFlags.None);

    /// <summary>Sends a long message in pieces.</summary>
    public void SendLong(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        for (int offset = 0; offset < bytes.Length; offset += 60_000)
        {
            int length = Math.Min(60_000, bytes.Length - offset);
            SendPiece(MessageKind.Text, bytes[offset..(offset + length)], offset + length == bytes.Length);
        }
    }

    /// <summary>Says that the client has closed.</summary>
    public void SendClose(ushort code, string reason = "") =>
        _channel.Send(FrameType.Close, Stream, [.. BitConverter.GetBytes(code), .. Encoding.UTF8.GetBytes(reason)]);

    /// <summary>Reads a text.</summary>
    public string ReadText()
    {
        (MessageKind kind, byte[] bytes) = ReadMessage();
        Assert.Equal(MessageKind.Text, kind);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Reads a whole message.</summary>
    public (MessageKind Kind, byte[] Bytes) ReadMessage()
    {
        _pieces.Clear();
        while (true)
        {
            TestFrame frame = Read();
            Assert.Equal(FrameType.Message, frame.Type);
            Assert.InRange(frame.Payload.Length, 1, ChannelFormat.MaxBodyChunk);
            _pieces.AddRange(frame.Payload.AsSpan(1));
            if (GrantsWindow)
            {
                Grant(Math.Max(frame.Payload.Length - 1, ChannelFormat.LeastMessageCharge));
            }

            if (frame.IsEnd)
            {
                return ((MessageKind)frame.Payload[0], _pieces.ToArray());
            }
        }
    }

    /// <summary>Grants bytes of messages.</summary>
    public void Grant(int bytes) => _channel.Grant(Stream, bytes);

    /// <summary>Reads that the application closes.</summary>
    public (ushort Code, string Reason) ReadClose()
    {
        TestFrame frame = Read();
        Assert.Equal(FrameType.Close, frame.Type);
        Assert.True(CloseMessage.TryRead(frame.Payload, out ushort code, out ReadOnlySpan<byte> reason));
        return (code, Encoding.UTF8.GetString(reason));
    }

    /// <summary>Reads that the stream has ended in order.</summary>
    public void ReadEnd() => Assert.Equal(FrameType.End, Read().Type);

    /// <summary>Reads that the stream was broken off.</summary>
    public (AbortReason Reason, string Text) ReadAbort()
    {
        TestFrame frame = Read();
        Assert.Equal(FrameType.Abort, frame.Type);
        return ((AbortReason)frame.Payload[0], frame.Text);
    }

    /// <summary>Reads the next frame of the stream; what the worker grants is counted.</summary>
    public TestFrame Read()
    {
        while (true)
        {
            TestFrame frame = _channel.ReadFrame();
            Assert.Equal(Stream, frame.Stream);
            if (frame.Type != FrameType.Window)
            {
                return frame;
            }

            Granted += BitConverter.ToInt32(frame.Payload);
        }
    }
}
