using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Darter.Wire;
using Darter.Workers.Native;
using Microsoft.Win32.SafeHandles;

namespace Darter.Workers.Tests;

/// <summary>The worker's end of a channel, driven by a test: reads and writes frames, and claims in the shared page.</summary>
internal sealed unsafe class FakeWorker : IDisposable
{
    private readonly OutgoingBuffer _received = new();
    private readonly FrameWriter _writer = new(new OutgoingBuffer());
    private uint* _words;
    private FrameReader _reader;
    private bool _gathers;

    public FakeWorker(Socket socket, SafeFileHandle memory)
    {
        Socket = socket;
        _words = (uint*)Libc.mmap(null, Claim.PageSize, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED, (int)memory.DangerousGetHandle(), 0);
    }

    public Socket Socket { get; }

    /// <summary>Says hello, then, unless told otherwise, that it serves <paramref name="application"/>.</summary>
    public void Hello(byte[] token, bool ready = true, ApplicationInterface application = ApplicationInterface.Wsgi)
    {
        Span<byte> hello = stackalloc byte[HelloMessage.Size];
        HelloMessage.Write(hello, 1, token);
        Write(FrameType.Hello, FrameFlags.None, 0, hello);
        if (ready)
        {
            Write(FrameType.Ready, FrameFlags.None, 0, [(byte)application, .. "3.11"u8]);
        }

        Assert.Equal(FrameType.Hello, Read().Header.Type);
    }

    public void Write(FrameType type, FrameFlags flags, uint stream, ReadOnlySpan<byte> payload)
    {
        _writer.Write(type, flags, stream, payload);
        if (!_gathers)
        {
            Send();
        }
    }

    /// <summary>Sends all that <paramref name="write"/> writes at once.</summary>
    public void WriteAtOnce(Action write)
    {
        _gathers = true;
        write();
        _gathers = false;
        Send();
    }

    public void Respond(uint stream, string body, bool end = true, long serviceTime = 1000)
    {
        Span<byte> payload = stackalloc byte[256];
        int length = ResponseHead.Write(payload, 200, default, body.Length);
        payload[length++] = 0;
        payload[length++] = 0;
        length += Encoding.ASCII.GetBytes(body, payload[length..]);
        if (end)
        {
            ResponseHead.SetServiceTime(payload, serviceTime);
        }

        Write(FrameType.Response, end ? FrameFlags.End : FrameFlags.None, stream, payload[..length]);
    }

    /// <summary>Answers with a head alone; the body, if any, follows.</summary>
    public void Respond(uint stream, int status, params ReadOnlySpan<(string Name, string Value)> fields)
    {
        Span<byte> payload = stackalloc byte[1024];
        int length = ResponseHead.Write(payload, status, default, -1);
        BinaryPrimitives.WriteUInt16LittleEndian(payload[length..], (ushort)fields.Length);
        length += 2;
        foreach ((string name, string value) in fields)
        {
            length += HeaderBlock.WriteField(payload[length..], Encoding.ASCII.GetBytes(name), Encoding.ASCII.GetBytes(value));
        }

        Write(FrameType.Response, FrameFlags.None, stream, payload[..length]);
    }

    /// <summary>Accepts a WebSocket.</summary>
    public void Accept(uint stream, params ReadOnlySpan<(string Name, string Value)> fields) => Respond(stream, 101, fields);

    /// <summary>Sends a piece of a WebSocket message.</summary>
    public void SendMessage(uint stream, MessageKind kind, ReadOnlySpan<byte> bytes, bool end = true) =>
        Write(FrameType.Message, end ? FrameFlags.End : FrameFlags.None, stream, [(byte)kind, .. bytes]);

    /// <summary>Closes a WebSocket.</summary>
    public void SendClose(uint stream, ushort code, string reason = "")
    {
        Span<byte> payload = stackalloc byte[CloseMessage.MaxSize];
        Write(FrameType.Close, FrameFlags.None, stream, payload[..CloseMessage.Write(payload, code, Encoding.UTF8.GetBytes(reason))]);
    }

    /// <summary>Grants more of a request.</summary>
    public void Grant(uint stream, int bytes)
    {
        Span<byte> payload = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(payload, bytes);
        Write(FrameType.Window, FrameFlags.None, stream, payload);
    }

    public void End(uint stream)
    {
        Span<byte> payload = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(payload, 1000);
        Write(FrameType.End, FrameFlags.None, stream, payload);
    }

    /// <summary>Reads the next frame, waiting for it.</summary>
    public (FrameHeader Header, byte[] Payload) Read()
    {
        while (true)
        {
            ReadOnlySpan<byte> rest = _received.Span;
            switch (_reader.TryRead(ref rest, out FrameHeader header, out ReadOnlySpan<byte> payload, out FrameError error))
            {
                case FrameStatus.Frame:
                    byte[] copy = payload.ToArray();
                    _received.Consume(_received.Length - rest.Length);
                    return (header, copy);
                case FrameStatus.Invalid:
                    throw new InvalidDataException(error.ToString());
            }

            int count = Socket.Receive(_received.GetSpan(64 * 1024));
            if (count == 0)
            {
                throw new EndOfStreamException();
            }

            _received.Advance(count);
        }
    }

    /// <summary>Reads the next frame that grants nothing, waiting for it. What is granted, and when, is the front's affair.</summary>
    public (FrameHeader Header, byte[] Payload) ReadBehindGrants()
    {
        (FrameHeader Header, byte[] Payload) frame;
        do
        {
            frame = Read();
        }
        while (frame.Header.Type == FrameType.Window);
        return frame;
    }

    /// <summary>Reads a request and, unless told otherwise, claims it.</summary>
    public (uint Stream, string Target) ReadRequest(bool claim = true)
    {
        (FrameHeader header, byte[] payload) = ReadBehindGrants();
        Assert.Equal(FrameType.Request, header.Type);
        Assert.True(RequestHead.TryRead(payload, out RequestHead head));
        if (claim)
        {
            Assert.True(TryClaim(head.Slot, header.Stream));
        }

        return (header.Stream, Encoding.ASCII.GetString(head.Target));
    }

    /// <summary>Starts the next request as a worker does: what the front has taken back in the meantime is passed over.</summary>
    public (uint Stream, string Target) StartRequest()
    {
        while (true)
        {
            (FrameHeader header, byte[] payload) = ReadBehindGrants();
            Assert.Equal(FrameType.Request, header.Type);
            Assert.True(RequestHead.TryRead(payload, out RequestHead head));
            if (TryClaim(head.Slot, header.Stream))
            {
                return (header.Stream, Encoding.ASCII.GetString(head.Target));
            }
        }
    }

    /// <summary>Starts the next request; false: the front has taken it back in the meantime.</summary>
    public bool TryStartRequest(out uint stream)
    {
        (FrameHeader header, byte[] payload) = ReadBehindGrants();
        Assert.Equal(FrameType.Request, header.Type);
        Assert.True(RequestHead.TryRead(payload, out RequestHead head));
        stream = header.Stream;
        return TryClaim(head.Slot, header.Stream);
    }

    /// <summary>Reads a frame that must be of this type, and of this stream.</summary>
    public byte[] Expect(FrameType type, uint stream)
    {
        (FrameHeader header, byte[] payload) = type == FrameType.Window ? Read() : ReadBehindGrants();
        Assert.Equal((type, stream), (header.Type, header.Stream));
        return payload;
    }

    /// <summary>Reads the close that the front sends for a WebSocket.</summary>
    public (ushort Code, string Reason) ExpectClose(uint stream)
    {
        Assert.True(CloseMessage.TryRead(Expect(FrameType.Close, stream), out ushort code, out ReadOnlySpan<byte> reason));
        return (code, Encoding.UTF8.GetString(reason));
    }

    /// <summary>Reads messages of a WebSocket until one is complete.</summary>
    public (MessageKind Kind, byte[] Bytes) ExpectMessage(uint stream)
    {
        List<byte> bytes = [];
        while (true)
        {
            (FrameHeader header, byte[] payload) = ReadBehindGrants();
            Assert.Equal((FrameType.Message, stream), (header.Type, header.Stream));
            bytes.AddRange(payload.AsSpan(1));
            if ((header.Flags & FrameFlags.End) != 0)
            {
                return ((MessageKind)payload[0], [.. bytes]);
            }
        }
    }

    /// <summary>Reads a text message of a WebSocket.</summary>
    public string ExpectText(uint stream)
    {
        (MessageKind kind, byte[] bytes) = ExpectMessage(stream);
        Assert.Equal(MessageKind.Text, kind);
        return Encoding.UTF8.GetString(bytes);
    }

    private void Send()
    {
        Socket.Send(_writer.Buffer.Span);
        _writer.Buffer.Consume(_writer.Buffer.Length);
    }

    public bool TryClaim(ushort slot, uint stream) =>
        slot == Claim.NoSlot
        || Interlocked.CompareExchange(ref _words[slot], Claim.Claimed(stream), Claim.Offered(stream)) is var before
        && (before == Claim.Offered(stream) || before == Claim.Claimed(stream));

    public uint Word(int slot) => Volatile.Read(ref _words[slot]);

    public void Dispose()
    {
        Socket.Dispose();
        if (_words is not null)
        {
            _ = Libc.munmap(_words, Claim.PageSize);
            _words = null;
        }
    }
}
