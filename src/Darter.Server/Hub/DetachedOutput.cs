using Darter.Server.Observability;
using Darter.Transport;

namespace Darter.Server.Hub;

/// <summary>To the client of HTTP/1 by its socket, which the HTTP server does not have any more: chunks (RFC 9112, 7.1), or bare bytes.</summary>
internal sealed class DetachedOutput(HeldConnection held, HeldBatch batch, bool isChunked) : IHeldOutput, IDetachedSocketOwner
{
    private DetachedSocket _socket = null!;
    private IHeldReport _report = null!;

    /// <inheritdoc/>
    public bool IsStarted => true;

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes) => batch.Add(bytes);

    /// <inheritdoc/>
    public HeldFlush Flush()
    {
        bool isSent = batch.IsEmpty || _socket.Send(isChunked ? batch.AsChunk() : batch.AsBytes());
        batch.Clear();
        if (!isSent)
        {
            return HeldFlush.Broken;
        }

        return _socket.IsSending ? HeldFlush.Waiting : HeldFlush.Done;
    }

    /// <inheritdoc/>
    public void BreakOff()
    {
        _socket.Abort();

        // Nobody else ends a flush that waits.
        held.OnFlushed(isBroken: true);
    }

    /// <inheritdoc/>
    public void End(long bytes, RequestEnd end)
    {
        if (end == RequestEnd.Complete && isChunked)
        {
            _ = _socket.Send("0\r\n\r\n"u8);
        }

        if (end == RequestEnd.ClientLeft)
        {
            _socket.Abort();
        }
        else
        {
            _socket.Close();
        }

        _report.OnEnded(bytes, end);
    }

    /// <inheritdoc/>
    void IDetachedSocketOwner.OnSent() => held.OnFlushed(isBroken: false);

    /// <inheritdoc/>
    void IDetachedSocketOwner.OnPeerGone() => held.OnPeerGone();

    internal void Begin(DetachedSocket socket, IHeldReport report)
    {
        _socket = socket;
        _report = report;
    }
}
