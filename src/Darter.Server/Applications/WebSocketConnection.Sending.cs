using System.Buffers.Binary;
using Darter.Server.WebSockets;
using Darter.Transport;
using Darter.Wire;

namespace Darter.Server.Applications;

/// <summary>To the client. What one pass of the loop brings leaves in one flush at its end.</summary>
internal sealed partial class WebSocketConnection : ILoopWork
{
    private const int LeastBuffer = 512;

    private readonly DeflateAgreement? _deflate;
    private Stream? _stream;
    private OutgoingBuffer? _outgoing;
    private byte[]? _latestPing;
    private bool _flushScheduled;
    private bool _flushing;
    private bool _inMessage;
    private bool _isCompressed;
    private int _outgoingCharge;
    private long _writes;
    private long _bytesSent;

    /// <summary>Sends a piece of a message, the last one when <paramref name="end"/>; or a ping or pong as a whole.</summary>
    internal void Send(MessageKind kind, ReadOnlySpan<byte> bytes, bool end)
    {
        if (IsClosing)
        {
            return;
        }

        if (kind is MessageKind.Ping or MessageKind.Pong)
        {
            Charge(bytes.Length);
            WriteFrame(kind == MessageKind.Ping ? FrameOpcode.Ping : FrameOpcode.Pong, final: true, compressed: false, bytes);
            return;
        }

        FrameOpcode opcode = _inMessage ? FrameOpcode.Continuation : kind == MessageKind.Text ? FrameOpcode.Text : FrameOpcode.Binary;
        if (!_inMessage)
        {
            _isCompressed = _deflate is not null && bytes.Length >= MessageDeflater.LeastSize;
        }

        bool marked = _isCompressed && !_inMessage;
        _inMessage = !end;
        Charge(bytes.Length);
        WriteFrame(opcode, end, marked, _isCompressed ? _application.Deflater.Compress(bytes, end, _deflate!.ServerWindowBits) : bytes);
    }

    /// <summary>Flushes; at the end of a pass.</summary>
    void ILoopWork.Run()
    {
        _flushScheduled = false;
        Flush();
    }

    private void Charge(int length)
    {
        int charge = Math.Max(length, ChannelFormat.LeastMessageCharge);
        _outgoingCharge += charge;
        Unsent += charge;
    }

    private void WritePing() => WriteFrame(FrameOpcode.Ping, final: true, compressed: false, default);

    private void WritePong(ReadOnlySpan<byte> payload)
    {
        if (IsClosing)
        {
            return;
        }

        if (_flushing)
        {
            // Only the latest ping must be answered (RFC 6455, section 5.5.3), so that pings do not pile up here.
            _latestPing = payload.ToArray();
            return;
        }

        WriteFrame(FrameOpcode.Pong, final: true, compressed: false, payload);
    }

    private void WriteClose(ushort code, ReadOnlySpan<byte> reason)
    {
        Span<byte> payload = stackalloc byte[CloseMessage.MaxSize];
        BinaryPrimitives.WriteUInt16BigEndian(payload, code);
        reason.CopyTo(payload[2..]);
        WriteFrame(FrameOpcode.Close, final: true, compressed: false, payload[..(2 + reason.Length)]);
    }

    private void WriteFrame(FrameOpcode opcode, bool final, bool compressed, ReadOnlySpan<byte> payload)
    {
        int needed = ServerFrame.MaxHeaderSize + payload.Length;
        _outgoing ??= new OutgoingBuffer(Math.Max(needed, LeastBuffer));
        Span<byte> frame = _outgoing.GetSpan(needed);
        int header = ServerFrame.WriteHeader(frame, opcode, final, compressed, payload.Length);
        payload.CopyTo(frame[header..]);
        _outgoing.Advance(header + payload.Length);
        if (_stream is not null && !_flushing && !_flushScheduled)
        {
            _flushScheduled = true;
            _loop.AtEndOfPass(this);
        }
    }

    /// <summary>Gives the client what waits for it, unless it has not yet taken what it was given before.</summary>
    private void Flush()
    {
        if (_stream is { } stream && _outgoing is not null && !_flushing)
        {
            _flushing = true;
            _ = FlushAsync(stream);
        }
        else
        {
            EndIfDone();
        }
    }

    private async Task FlushAsync(Stream stream)
    {
        bool broken = false;
        while (!broken && _outgoing is { } outgoing)
        {
            _outgoing = null;
            int charge = _outgoingCharge;
            _outgoingCharge = 0;
            try
            {
                await stream.WriteAsync(outgoing.Memory).ConfigureAwait(false);
                _bytesSent += outgoing.Length;
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
            {
                broken = true;
            }

            await new LoopSwitch(_loop);
            outgoing.Dispose();
            OnWritten(charge);
        }

        _flushing = false;
        if (broken)
        {
            OnConnectionGone();
        }

        EndIfDone();
    }

    private void OnWritten(int charge)
    {
        _writes++;
        Unsent -= charge;
        _end.OnTaken(charge);

        if (_latestPing is { } ping)
        {
            _latestPing = null;
            if (!IsClosing)
            {
                WriteFrame(FrameOpcode.Pong, final: true, compressed: false, ping);
            }
        }
    }

    private void ReleaseOutgoing()
    {
        _outgoing?.Dispose();
        _outgoing = null;
    }
}
