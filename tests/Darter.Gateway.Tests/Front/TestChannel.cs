using Darter.Wire;
using Microsoft.Win32.SafeHandles;

namespace Darter.Gateway.Tests.Front;

/// <summary>Speaks the front's side of docs/channel.md on one channel.</summary>
internal sealed class TestChannel : IDisposable
{
    private static readonly byte[] FrontToken = Convert.FromHexString(TestWorker.Token);

    private readonly OutgoingBuffer _outgoing = new();
    private readonly FrameWriter _writer;
    private readonly Dictionary<uint, TestResponse> _responses = [];
    private readonly HashSet<uint> _complete = [];
    private FrameReader _reader;
    private uint _stream;

    public TestChannel() => _writer = new FrameWriter(_outgoing);

    public FrontSocket Socket { get; } = new();

    /// <summary>Lines that the worker logged.</summary>
    public List<string> Log { get; } = [];

    /// <summary>Bytes of request bodies that the worker granted, by stream.</summary>
    public Dictionary<uint, long> Granted { get; } = [];

    /// <summary>Whether window is granted for each piece of a body that comes.</summary>
    public bool GrantsWindow { get; set; } = true;

    /// <summary>Waits for the worker's hello and answers it; READY or FAILED follows.</summary>
    public void Open()
    {
        TestFrame hello = ReadFrame();
        Assert.Equal(FrameType.Hello, hello.Type);
        Assert.True(HelloMessage.TryRead(hello.Payload, FrontToken, out int processId, out _));
        Assert.True(processId > 0);
        SendHello(FrontToken);
    }

    /// <summary>Sends a hello with any token.</summary>
    public void SendHello(byte[] token)
    {
        byte[] hello = new byte[HelloMessage.Size];
        HelloMessage.Write(hello, Environment.ProcessId, token);
        Send(FrameType.Hello, 0, hello);
    }

    /// <summary>Writes a request to the buffer; <see cref="Flush"/> sends it. Returns its stream.</summary>
    public uint Write(TestRequest request)
    {
        uint stream = ++_stream;
        ushort slot = SlotOf(stream);
        if (request.HasSlot)
        {
            Volatile.Write(ref Socket.Word(slot), Claim.Offered(stream));
        }

        _writer.Write(
            FrameType.Request, request.ContentLength == 0 ? FrameFlags.End : FrameFlags.None, stream, request.ToPayload(request.HasSlot ? slot : Claim.NoSlot));
        _responses[stream] = new TestResponse();
        return stream;
    }

    /// <summary>Sends what was written; false if the worker has closed its end.</summary>
    public bool Flush()
    {
        bool sent = Socket.Send(_outgoing.Span);
        _outgoing.Consume(_outgoing.Length);
        return sent;
    }

    /// <summary>Sends a request.</summary>
    public uint Send(TestRequest request)
    {
        uint stream = Write(request);
        Flush();
        return stream;
    }

    /// <summary>Sends a request with a body, in one write.</summary>
    public uint Send(TestRequest request, byte[] body)
    {
        uint stream = WriteWithBody(request, body);
        Flush();
        return stream;
    }

    /// <summary>Writes a request with a body to the buffer.</summary>
    public uint WriteWithBody(TestRequest request, byte[] body)
    {
        uint stream = Write(request);
        _writer.WriteBody(stream, body, end: true);
        return stream;
    }

    /// <summary>Sends a frame.</summary>
    public void Send(FrameType type, uint stream, byte[] payload, FrameFlags flags = FrameFlags.None)
    {
        _writer.Write(type, flags, stream, payload);
        Flush();
    }

    /// <summary>Sends a piece of a body.</summary>
    public void SendBody(uint stream, byte[] piece, bool isLast) =>
        Send(FrameType.Body, stream, piece, isLast ? FrameFlags.End : FrameFlags.None);

    /// <summary>Sends bytes as they are.</summary>
    public bool SendRaw(byte[] bytes) => Socket.Send(bytes);

    /// <summary>Grants bytes of a response's body.</summary>
    public void Grant(uint stream, int bytes) => Send(FrameType.Window, stream, BitConverter.GetBytes(bytes));

    /// <summary>Sends a request and reads its response.</summary>
    public TestResponse Exchange(TestRequest request) => ReadResponse(Send(request));

    /// <summary>Sends a GET and reads the response.</summary>
    public TestResponse Get(string target) => Exchange(new TestRequest(target));

    /// <summary>Takes a request back, as the front does. False: it was started.</summary>
    public bool Revoke(uint stream) =>
        Interlocked.CompareExchange(ref Socket.Word(SlotOf(stream)), Claim.Free, Claim.Offered(stream)) == Claim.Offered(stream);

    /// <summary>Cancels a request that was started, as the front does: by its word and by CANCEL.</summary>
    public void Cancel(uint stream)
    {
        CancelWord(stream);
        Send(FrameType.Cancel, stream, []);
    }

    /// <summary>Cancels a request that was started by its word alone.</summary>
    public void CancelWord(uint stream) =>
        Assert.Equal(Claim.Claimed(stream), Interlocked.CompareExchange(ref Socket.Word(SlotOf(stream)), Claim.Cancelled(stream), Claim.Claimed(stream)));

    /// <summary>Notes that the client of a request has ended its side of the connection.</summary>
    public void FinishClient(uint stream) => Volatile.Write(ref Socket.Word(Claim.ClientWord(SlotOf(stream))), stream);

    /// <summary>The state of a request's word.</summary>
    public uint WordOf(uint stream) => Volatile.Read(ref Socket.Word(SlotOf(stream)));

    /// <summary>Reads frames until the response of a stream is complete; those of other streams are kept.</summary>
    public TestResponse ReadResponse(uint stream)
    {
        while (!IsComplete(stream))
        {
            _ = ReadInto();
        }

        TestResponse complete = _responses[stream];
        _responses.Remove(stream);
        _complete.Remove(stream);
        return complete;
    }

    /// <summary>Whether all of a response has been read.</summary>
    public bool IsComplete(uint stream) => _complete.Contains(stream);

    /// <summary>Reads one frame of any stream.</summary>
    public void ReadMore() => _ = ReadInto();

    /// <summary>Reads one frame of a response and returns what is there of it by now.</summary>
    public TestResponse ReadPart(uint stream)
    {
        TestResponse response = _responses[stream];
        uint read;
        do
        {
            read = ReadInto();
        }
        while (read != stream);
        return response;
    }

    /// <summary>Whether the worker has said that it leaves.</summary>
    public bool IsLeaving { get; private set; }

    /// <summary>Reads the next frame; lines of the log, and that the worker leaves, are set aside. Null at the end of file.</summary>
    public TestFrame? TryReadFrame()
    {
        while (true)
        {
            ReadOnlySpan<byte> waiting = Socket.Waiting;
            FrameStatus status = _reader.TryRead(ref waiting, out FrameHeader header, out _, out FrameError error);
            Assert.Equal(FrameError.None, error);
            if (status == FrameStatus.Frame)
            {
                byte[] payload = Socket.Waiting.Slice(FrameHeader.Size, header.Length).ToArray();
                Socket.Consume(FrameHeader.Size + header.Length);
                TestFrame frame = new(header.Type, (header.Flags & FrameFlags.End) != 0, header.Stream, payload);
                switch (frame.Type)
                {
                    case FrameType.Log:
                        Log.Add(frame.Text);
                        break;
                    case FrameType.Drain:
                        IsLeaving = true;
                        break;
                    default:
                        return frame;
                }
            }
            else if (!Socket.Receive())
            {
                return null;
            }
        }
    }

    public TestFrame ReadFrame() => TryReadFrame() ?? throw new EndOfStreamException("The worker has closed the channel.");

    public void Dispose()
    {
        Socket.Dispose();
        _outgoing.Dispose();
    }

    private uint ReadInto()
    {
        TestFrame frame = ReadFrame();
        if (frame.Type == FrameType.Window)
        {
            Granted[frame.Stream] = Granted.GetValueOrDefault(frame.Stream) + BitConverter.ToInt32(frame.Payload);
            return 0;
        }

        TestResponse response = _responses[frame.Stream];
        int pieces = response.Pieces.Count;
        if (response.Add(frame, ReadFile))
        {
            Assert.True(_complete.Add(frame.Stream));
        }
        else if (response.Pieces.Count > pieces && GrantsWindow)
        {
            Grant(frame.Stream, response.Pieces[^1]);
        }

        return frame.Stream;
    }

    private byte[] ReadFile(long offset, long length)
    {
        using SafeFileHandle file = new(Socket.TakeDescriptor(), ownsHandle: true);
        byte[] bytes = new byte[length];
        int read = 0;
        while (read < length)
        {
            int count = RandomAccess.Read(file, bytes.AsSpan(read), offset + read);
            Assert.True(count > 0);
            read += count;
        }

        return bytes;
    }

    private static ushort SlotOf(uint stream) => (ushort)(stream % Claim.Slots);
}
