using System.Buffers.Binary;
using Darter.Server.WebSockets;
using Darter.Transport;
using Darter.Wire;

namespace Darter.Server.Applications;

/// <summary>From the worker to the client. What one pass of the loop brings leaves in one flush at its end.</summary>
internal sealed partial class WebSocketStream : ILoopWork
{
    private const int GrantStep = 64 * 1024;
    private const int LeastBuffer = 512;

    private readonly DeflateAgreement? _deflate;
    private Stream? _stream;
    private OutgoingBuffer? _outgoing;
    private byte[]? _latestPing;
    private bool _flushScheduled;
    private bool _flushing;
    private bool _inMessage;
    private bool _isCompressed;
    private bool _passesPings;
    private bool _passesPongs;
    private int _outgoingCharge;
    private int _writtenCharge;
    private long _writes;
    private long _bytesSent;

    /// <inheritdoc/>
    protected override void OnMessage(MessageKind kind, ReadOnlySpan<byte> bytes, bool end)
    {
        if (_closeSent || _gone)
        {
            return;
        }

        if (kind == MessageKind.Ping)
        {
            // From now on the application wants to hear of pongs, whatever ping they answer.
            _passesPongs = true;
            _outgoingCharge += Math.Max(bytes.Length, ChannelFormat.LeastMessageCharge);
            WriteFrame(FrameOpcode.Ping, final: true, compressed: false, bytes);
            return;
        }

        if (kind == MessageKind.WatchPings)
        {
            _passesPings = true;
            return;
        }

        FrameOpcode opcode = _inMessage ? FrameOpcode.Continuation : kind == MessageKind.Text ? FrameOpcode.Text : FrameOpcode.Binary;
        if (!_inMessage)
        {
            _isCompressed = _deflate is not null && bytes.Length >= MessageDeflater.LeastSize;
        }

        bool marked = _isCompressed && !_inMessage;
        _inMessage = !end;
        _outgoingCharge += Math.Max(bytes.Length, ChannelFormat.LeastMessageCharge);
        WriteFrame(opcode, end, marked, _isCompressed ? _application.Deflater.Compress(bytes, end, _deflate!.ServerWindowBits) : bytes);
    }

    /// <summary>Flushes; at the end of a pass.</summary>
    void ILoopWork.Run()
    {
        _flushScheduled = false;
        Flush();
    }

    private void WritePing() => WriteFrame(FrameOpcode.Ping, final: true, compressed: false, default);

    private void WritePong(ReadOnlySpan<byte> payload)
    {
        if (_closeSent || _gone)
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
        _writtenCharge += charge;
        if (_writtenCharge >= GrantStep)
        {
            GrantResponse(_writtenCharge);
            _writtenCharge = 0;
        }

        if (_latestPing is { } ping)
        {
            _latestPing = null;
            if (!_closeSent && !_gone)
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
