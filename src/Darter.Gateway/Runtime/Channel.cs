using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;
using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Native;
using Darter.Wire;

namespace Darter.Gateway.Runtime;

/// <summary>
/// The worker's end of a channel (docs/channel.md). Used by one Python thread, with the GIL held; it releases the GIL
/// where it must wait.
/// </summary>
internal sealed unsafe partial class Channel : IDisposable
{
    private readonly int _socket;
    private readonly int _longestWait;
    private readonly ReceiveBuffer _received = new();
    private readonly OutgoingBuffer _outgoing = new();
    private readonly FrameWriter _writer;
    private FrameReader _reader;
    private bool _abandoned;
    private bool _closed;
    private bool _waitsForRequest;
    private long _waitingSince;

    /// <summary>Takes over a socket, in blocking mode, and maps the claim page.</summary>
    /// <param name="socket">Descriptor of the socket.</param>
    /// <param name="page">Descriptor of the claim page.</param>
    /// <param name="name">The worker's name, for messages.</param>
    /// <param name="watchesSignals">Whether the thread is Python's main thread, which runs the handlers of signals.</param>
    /// <exception cref="InvalidOperationException">The page cannot be mapped.</exception>
    public Channel(int socket, int page, string name, bool watchesSignals)
    {
        _socket = socket;

        // A signal that comes just before the wait begins does not end it; so the wait ends once in a while.
        _longestWait = watchesSignals ? 1000 : -1;
        Name = name;
        Claims = new ClaimPage(page);
        _writer = new FrameWriter(_outgoing);
    }

    /// <summary>The worker's name, for messages.</summary>
    public string Name { get; }

    /// <summary>The claim page.</summary>
    public ClaimPage Claims { get; }

    /// <summary>Writes frames; they leave with <see cref="Flush"/>.</summary>
    public FrameWriter Writer
    {
        get
        {
            TakeBack();
            return _writer;
        }
    }

    /// <summary>Whether the worker is to end: nothing that has not started will be.</summary>
    public bool IsStopping { get; private set; }

    /// <summary>
    /// Whether a thread waits in here, without the GIL or in the handler of a signal. Another one, or the handler, must
    /// not use the channel now.
    /// </summary>
    public bool IsBusy { get; private set; }

    /// <summary>Bytes that wait for <see cref="Flush"/>.</summary>
    public int Pending
    {
        get
        {
            TakeBack();
            return _outgoing.Length;
        }
    }

    /// <summary>Whether <see cref="HeldReplies"/> looks after the channel.</summary>
    public bool IsWatched { get; set; }

    /// <summary>Says hello and waits for the front's.</summary>
    /// <exception cref="InvalidOperationException">The peer is not our front.</exception>
    public void Open(ReadOnlySpan<byte> token)
    {
        Span<byte> hello = stackalloc byte[HelloMessage.Size];
        HelloMessage.Write(hello, LibC.getpid(), token);
        Writer.Write(FrameType.Hello, FrameFlags.None, 0, hello);

        FrameHeader header;
        ReadOnlySpan<byte> payload;
        while (!TryRead(out header, out payload))
        {
            if (Receive(forRequest: false) != ReceiveOutcome.Data)
            {
                throw new InvalidOperationException("the front did not answer the hello");
            }
        }

        if (header.Type != FrameType.Hello || !HelloMessage.TryRead(payload, token, out _, out _))
        {
            throw new InvalidOperationException("the front that answered the hello is another one, or of another version");
        }
    }

    /// <summary>Reads the next frame that is wholly here. The payload is valid until the next receive. Ends the process if it is none.</summary>
    public bool TryRead(out FrameHeader header, out ReadOnlySpan<byte> payload)
    {
        ReadOnlySpan<byte> waiting = _received.Waiting;
        FrameStatus status = _reader.TryRead(ref waiting, out header, out _, out FrameError error);
        payload = default;
        if (status == FrameStatus.Frame)
        {
            payload = _received.Waiting.Slice(FrameHeader.Size, header.Length);
            _received.Consume(FrameHeader.Size + header.Length);
            return true;
        }

        if (status == FrameStatus.Invalid)
        {
            Reject(error, header.Type);
        }

        return false;
    }

    /// <summary>Whether the next frame is wholly here, of this type and of this stream.</summary>
    public bool IsNext(FrameType type, uint stream) =>
        _reader.TryPeek(_received.Waiting, out FrameHeader header) && header.Type == type && header.Stream == stream;

    /// <summary>Ends the process: the front sent what docs/channel.md does not allow.</summary>
    [DoesNotReturn]
    public void Reject(FrameError error, FrameType type) =>
        WorkerProcess.Fail($"{Name}: the front sent what is not allowed: {error} (frame {_reader.Count}, type {type})");

    /// <summary>Receives without waiting.</summary>
    public ReceiveOutcome TryReceive()
    {
        StopIfAbandoned();
        byte* place = _received.Reserve(out int size);
        nint count = LibC.recv(_socket, place, (nuint)size, LibC.MSG_DONTWAIT);
        return Received(count, count < 0 ? Marshal.GetLastSystemError() : 0);
    }

    /// <summary>Sends what is pending, then waits without the GIL until something comes.</summary>
    /// <param name="forRequest">Whether <see cref="Stop"/> is to end the wait.</param>
    public ReceiveOutcome Receive(bool forRequest)
    {
        Flush();
        byte* place = _received.Reserve(out int size);
        ReceiveOutcome outcome;
        _waitsForRequest = forRequest;
        IsBusy = true;
        do
        {
            nint count;
            int error;
            using (GilReleased.Enter())
            {
                // Waiting in recv would end, for nothing, each time that the front reads: a Unix socket tells all who wait at
                // it that it has room to send.
                LibC.pollfd readable = new() { fd = _socket, events = LibC.POLLIN };
                count = LibC.poll(&readable, 1, _longestWait);
                if (count > 0)
                {
                    count = LibC.recv(_socket, place, (nuint)size, LibC.MSG_DONTWAIT);
                    error = count < 0 ? Marshal.GetLastSystemError() : 0;
                }
                else
                {
                    error = count < 0 ? Marshal.GetLastSystemError() : LibC.EAGAIN;
                }
            }

            outcome = Received(count, error);
            if (outcome == ReceiveOutcome.Nothing && PyApi.PyErr_CheckSignals() != 0)
            {
                outcome = ReceiveOutcome.Interrupted;
            }
        }
        while (outcome == ReceiveOutcome.Nothing);

        IsBusy = false;
        _waitsForRequest = false;
        return outcome;
    }

    /// <summary>Has the worker end when its current request is done. Called with the GIL held, by any thread.</summary>
    public void Stop()
    {
        IsStopping = true;
        if (_waitsForRequest)
        {
            _ = LibC.shutdown(_socket, LibC.SHUT_RD);
        }
    }

    /// <summary>Called in the child of a fork: the channel is the parent's, a child that comes back to it ends.</summary>
    public void Abandon()
    {
        _abandoned = true;
        Close();
    }

    /// <summary>Sends what is pending and closes the socket.</summary>
    public void Dispose()
    {
        Flush();
        Close();
        _outgoing.Dispose();
    }

    /// <summary>Notes that a reply is pending at <paramref name="now"/>, and says whether the oldest one has waited for this long.</summary>
    public bool HasWaited(long now, long longest)
    {
        if (_waitingSince == 0)
        {
            _waitingSince = now;
        }

        return now - _waitingSince > longest;
    }

    /// <summary>Writes a line for the operator's log.</summary>
    public void Log(WorkerLogLevel level, string text)
    {
        Span<byte> payload = Writer.Begin(1 + Encoding.UTF8.GetMaxByteCount(text.Length));
        payload[0] = (byte)level;
        Writer.Complete(FrameType.Log, FrameFlags.None, 0, 1 + Encoding.UTF8.GetBytes(text, payload[1..]));
    }

    private ReceiveOutcome Received(nint count, int error)
    {
        if (count > 0)
        {
            _received.Advance((int)count);
            return ReceiveOutcome.Data;
        }

        return error is LibC.EAGAIN or LibC.EINTR ? ReceiveOutcome.Nothing : ReceiveOutcome.Closed;
    }

    private void Close()
    {
        if (!_closed)
        {
            _closed = true;
            _ = LibC.close(_socket);
        }
    }

    private void StopIfAbandoned()
    {
        if (_abandoned)
        {
            WorkerProcess.FrontGone();
        }
    }
}
