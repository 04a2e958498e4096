using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Darter.Server.WebSockets;
using Darter.Transport;
using Darter.Wire;

namespace Darter.Server.Applications;

/// <summary>From the worker to the client. What one pass of the loop brings leaves in one flush at its end.</summary>
internal sealed partial class WebSocketStream : ILoopWork
{
    private const int GrantStep = 64 * 1024;

    private readonly DeflateAgreement? _deflate;
    private PipeWriter? _writer;
    private OutgoingBuffer? _waiting;
    private byte[]? _waitingPong;
    private bool _flushScheduled;
    private bool _flushing;
    private bool _inMessage;
    private bool _isCompressed;
    private int _waitingCharge;
    private int _writtenCharge;

    private bool MustWait => _flushing || _writer is null;

    /// <inheritdoc/>
    protected override void OnMessage(MessageKind kind, ReadOnlySpan<byte> bytes, bool end)
    {
        if (_closeSent || _gone)
        {
            return;
        }

        FrameOpcode opcode = _inMessage ? FrameOpcode.Continuation : kind == MessageKind.Text ? FrameOpcode.Text : FrameOpcode.Binary;
        if (!_inMessage)
        {
            _isCompressed = _deflate is not null && bytes.Length >= MessageDeflater.LeastSize;
        }

        bool marked = _isCompressed && !_inMessage;
        _inMessage = !end;
        int charge = Math.Max(bytes.Length, ChannelFormat.LeastMessageCharge);
        if (MustWait)
        {
            _waitingCharge += charge;
        }
        else
        {
            _writtenCharge += charge;
        }

        WriteFrame(opcode, end, marked, _isCompressed ? _application.Deflater.Compress(bytes, end, _deflate!.ServerWindowBits) : bytes);
    }

    /// <summary>Flushes; at the end of a pass.</summary>
    void ILoopWork.Run()
    {
        _flushScheduled = false;
        if (_writer is not null && !_flushing)
        {
            Flush();
        }
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
            _waitingPong = payload.ToArray();
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
        Span<byte> header = stackalloc byte[ServerFrame.MaxHeaderSize];
        header = header[..ServerFrame.WriteHeader(header, opcode, final, compressed, payload.Length)];
        if (MustWait)
        {
            Wait(header);
            Wait(payload);
            return;
        }

        _writer!.Write(header);
        _writer!.Write(payload);
        if (!_flushScheduled)
        {
            _flushScheduled = true;
            _loop.AtEndOfPass(this);
        }
    }

    private void Wait(ReadOnlySpan<byte> bytes)
    {
        _waiting ??= new OutgoingBuffer(4096);
        bytes.CopyTo(_waiting.GetSpan(bytes.Length));
        _waiting.Advance(bytes.Length);
    }

    /// <summary>Writes what came while the client took nothing.</summary>
    private void WriteWaiting()
    {
        if (_waitingPong is { } pong)
        {
            _waitingPong = null;
            WritePong(pong);
        }

        if (_waiting is { } waiting)
        {
            _writer!.Write(waiting.Span);
            ReleaseWaiting();
            _writtenCharge += _waitingCharge;
            _waitingCharge = 0;
            Flush();
        }
    }

    private void ReleaseWaiting()
    {
        _waiting?.Dispose();
        _waiting = null;
    }

    private void Flush()
    {
        ValueTask<FlushResult> flush = _writer!.FlushAsync();
        if (flush.IsCompletedSuccessfully)
        {
            OnFlushed(flush.Result.IsCompleted || flush.Result.IsCanceled);
        }
        else
        {
            _flushing = true;
            _ = AwaitFlushAsync(flush);
        }
    }

    private async Task AwaitFlushAsync(ValueTask<FlushResult> flush)
    {
        bool broken;
        try
        {
            FlushResult result = await flush.ConfigureAwait(false);
            broken = result.IsCompleted || result.IsCanceled;
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
        {
            broken = true;
        }

        await new LoopSwitch(_loop);
        _flushing = false;
        OnFlushed(broken);
        if (!broken && _writer is not null && !_flushing)
        {
            WriteWaiting();
        }
    }

    private void OnFlushed(bool broken)
    {
        if (broken)
        {
            OnConnectionGone();
        }
        else if (_writtenCharge >= GrantStep)
        {
            GrantResponse(_writtenCharge);
            _writtenCharge = 0;
        }

        EndIfDone();
    }
}
