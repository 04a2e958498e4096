using System.Diagnostics;
using Darter.Transport.Native;

namespace Darter.Transport;

/// <summary>Receives that are done before the events of the pass are handled, see <see cref="SocketBatch"/>.</summary>
internal sealed partial class SocketInput
{
    // The loop's alone, also while a reader has the buffers.
    private Block? _ahead;
    private int _aheadReceived;

    /// <summary>Adds a receive into new memory, if a read waits and nothing else is buffered. The loop's thread.</summary>
    internal unsafe bool TryBeginAhead(IoUring ring)
    {
        Debug.Assert(_loop.IsCurrent, "Only the loop receives.");
        if (_burst > IoUring.MostBuffers || _ahead is not null || !Has(State.Waiting) || _last is not null || _ended || _failure is not null)
        {
            return false;
        }

        if (_burst == 1)
        {
            _ahead = _loop.Blocks.RentBlock();
            ring.AddReceive(_connection.Descriptor, _ahead.Start, _ahead.Capacity);
        }
        else
        {
            _ahead = RentBlocks(ring.NextBuffers());
            ring.AddReceive(_connection.Descriptor, _burst);
        }

        return true;
    }

    /// <summary>Keeps what was received for the next <see cref="Receive"/>.</summary>
    internal void EndAhead(int received)
    {
        if (received < 0 && received != StreamSocket.WouldBlock && !StreamSocket.IsPeerGone(received))
        {
            // The usual receive finds out what it was.
            ReleaseAhead();
            return;
        }

        _aheadReceived = received;
        SetReadable(true);
    }

    private int TakeAhead(out bool filled)
    {
        Block first = _ahead!;
        _ahead = null;
        return TakeReceived(first, _aheadReceived, out filled);
    }

    private void ReleaseAhead()
    {
        while (_ahead is { } block)
        {
            _ahead = block.NextBlock;
            block.Dispose();
        }
    }
}
