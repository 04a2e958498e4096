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
    private readonly uint* _words;
    private FrameReader _reader;

    public FakeWorker(Socket socket, SafeFileHandle memory)
    {
        Socket = socket;
        _words = (uint*)Libc.mmap(null, Claim.PageSize, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED, (int)memory.DangerousGetHandle(), 0);
    }

    public Socket Socket { get; }

    public void Hello(byte[] token, bool ready = true)
    {
        Span<byte> hello = stackalloc byte[HelloMessage.Size];
        HelloMessage.Write(hello, 1, token);
        Write(FrameType.Hello, FrameFlags.None, 0, hello);
        if (ready)
        {
            Write(FrameType.Ready, FrameFlags.None, 0, [1, .. "3.11"u8]);
        }

        Assert.Equal(FrameType.Hello, Read().Header.Type);
    }

    public void Write(FrameType type, FrameFlags flags, uint stream, ReadOnlySpan<byte> payload)
    {
        _writer.Write(type, flags, stream, payload);
        Socket.Send(_writer.Buffer.Span);
        _writer.Buffer.Consume(_writer.Buffer.Length);
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

    /// <summary>Reads a request and, unless told otherwise, claims it.</summary>
    public (uint Stream, string Target) ReadRequest(bool claim = true)
    {
        (FrameHeader header, byte[] payload) = Read();
        Assert.Equal(FrameType.Request, header.Type);
        Assert.True(RequestHead.TryRead(payload, out RequestHead head));
        if (claim)
        {
            Assert.True(TryClaim(head.Slot, header.Stream));
        }

        return (header.Stream, Encoding.ASCII.GetString(head.Target));
    }

    public bool TryClaim(ushort slot, uint stream) =>
        slot == Claim.NoSlot || Interlocked.CompareExchange(ref _words[slot], Claim.Claimed(stream), Claim.Offered(stream)) == Claim.Offered(stream);

    public uint Word(int slot) => Volatile.Read(ref _words[slot]);

    public void Dispose()
    {
        Socket.Dispose();
        _ = Libc.munmap(_words, Claim.PageSize);
    }
}
