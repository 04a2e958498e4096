using System.Diagnostics;
using Darter.Transport.Native;

namespace Darter.Transport;

/// <summary>Sends that wait for the end of the loop's pass, see <see cref="SocketBatch"/>.</summary>
internal sealed partial class SocketOutput
{
    /// <summary>More is sent at once: copying it takes longer than the call.</summary>
    private const int MostDeferred = 32 * 1024;

    private int _asked;

    /// <summary>Sends what was put off until the end of the pass. Under the lock.</summary>
    internal void SendDeferred()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread);
        if (_sending == Sending.Deferred)
        {
            Send();
        }
    }

    /// <summary>Sends what was put off, and tells whether nothing waits any more. Under the lock.</summary>
    internal bool Drain()
    {
        SendDeferred();
        return _unsent == 0;
    }

    /// <summary>Adds what was put off to what is sent in one call. Under the lock, which is kept until <see cref="EndDeferred"/>.</summary>
    /// <returns>The operation's number; negative: there is nothing to send.</returns>
    internal unsafe int BeginDeferred(IoUring ring)
    {
        Debug.Assert(_gate.IsHeldByCurrentThread);
        if (_sending != Sending.Deferred)
        {
            return -1;
        }

        Volatile.Write(ref _sending, Sending.Active);
        Block block = _first!;
        if (block.End - _sent >= _unsent)
        {
            _asked = (int)_unsent;
            return ring.AddSend(_connection.Descriptor, block.Start + _sent, _asked);
        }

        int buffers = Collect(ring.NextBuffers(), IoUring.MostBuffers, _unsent, out _asked);
        return ring.AddSend(_connection.Descriptor, buffers);
    }

    /// <summary>Takes note of what was sent.</summary>
    /// <param name="sent">The operation's result.</param>
    /// <returns>Whether nothing waits to be sent any more.</returns>
    internal bool EndDeferred(int sent)
    {
        Debug.Assert(_gate.IsHeldByCurrentThread && _sending == Sending.Active);

        // What the ring could not do for want of memory, or was kept from by a signal, is tried in the usual way.
        if (sent < 0 && sent != StreamSocket.WouldBlock && !StreamSocket.IsPeerGone(sent))
        {
            Send();
        }
        else if (GoesOn(sent, _asked))
        {
            if (_unsent > 0)
            {
                Send();
            }
            else
            {
                Volatile.Write(ref _sending, Sending.Idle);
            }
        }

        return _unsent == 0;
    }

    /// <summary>Puts the send off until the end of the pass, if this is the loop's thread and little is to be sent.</summary>
    private bool TryDefer()
    {
        if (_file is not null || _unsent > Math.Min(MostDeferred, _limit) || !_loop.IsCurrent || _loop.Batch is not { } batch)
        {
            return false;
        }

        if (_sending == Sending.Idle)
        {
            Volatile.Write(ref _sending, Sending.Deferred);
            batch.Add(_connection, this, _unsent);
        }

        return true;
    }
}
