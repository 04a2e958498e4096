using System.Diagnostics;
using Darter.Transport.Native;

namespace Darter.Transport;

/// <summary>Receiving, on the loop's thread and as the buffers' owner.</summary>
internal sealed partial class SocketInput
{
    /// <summary>Less free space than this at a block's end is not worth receiving into.</summary>
    private const int LeastReceive = 512;

    /// <summary>How often a connection receives in one pass: a peer that sends as fast as it is read must not keep the
    /// loop from the others.</summary>
    private const int MostReceives = 4;

    /// <summary>The upper limit of a receive, whatever the options say: 1 MiB.</summary>
    private const int MostBlocks = 256;

    /// <summary>What a peer may be expected to send at once again because it did so before, in blocks: 32 KiB.</summary>
    private const int MostExpected = 8;

    /// <summary>How many blocks the next receive gets: it grows while the peer fills them, so that an upload costs few
    /// calls; then it is what the peer sent last, so that a request like the one before costs one call.</summary>
    private int _burst = 1;
    private long _run;
    private long _pass;
    private int _receives;

    /// <summary>Whether the connection may receive in this pass of the loop, or has had its share.</summary>
    private bool HasTurn() => _pass != _loop.PassNumber || _receives < MostReceives;

    /// <summary>Receives once, if the socket is still open.</summary>
    /// <returns>False when there was nothing; true when a read that waits can complete.</returns>
    private bool Receive()
    {
        Debug.Assert(_loop.IsCurrent, "Only the loop receives.");
        if (_connection.Descriptor < 0)
        {
            return false;
        }

        if (_pass != _loop.PassNumber)
        {
            _pass = _loop.PassNumber;
            _receives = 0;
        }

        _receives++;
        int received = _ahead is not null ? TakeAhead(out bool filled) : _burst == 1 ? ReceiveBlock(out filled) : ReceiveBlocks(out filled);
        SetReadable(received > 0 && (filled || Has(State.PeerClosed)));
        SetBurst(Math.Max(received, 0), filled);
        if (received > 0)
        {
            _allExamined = false;
            return true;
        }

        if (received == StreamSocket.WouldBlock)
        {
            return false;
        }

        if (received == 0)
        {
            _ended = true;
        }
        else
        {
            Fail(ConnectionFailure.FromErrno(-received));
            _connection.PeerIsGone();
        }

        return true;
    }

    private void SetBurst(int received, bool filled)
    {
        _run += received;
        if (filled)
        {
            _burst = Math.Min(_burst * 2, _mostBlocks);
        }
        else if (_run > 0)
        {
            _burst = (int)Math.Min((_run / BlockPool.BlockSize) + 1, Math.Min(MostExpected, _mostBlocks));
            _run = 0;
        }
    }

    private unsafe int ReceiveBlock(out bool filled)
    {
        Block? block = _last;
        Block? added = null;
        if (block is null || block.Free < LeastReceive)
        {
            block = added = _loop.Blocks.RentBlock();
        }

        int room = block.Free;
        int received = StreamSocket.Receive(_connection.Descriptor, block.Start + block.End, room);
        filled = received == room;
        if (received > 0)
        {
            block.End += received;
            if (added is not null)
            {
                Append(added);
            }
        }
        else
        {
            added?.Dispose();
        }

        return received;
    }

    private unsafe int ReceiveBlocks(out bool filled)
    {
        iovec* buffers = stackalloc iovec[_burst];
        Block first = RentBlocks(buffers);
        return TakeReceived(first, StreamSocket.Receive(_connection.Descriptor, buffers, _burst), out filled);
    }

    /// <summary>Makes room: new blocks only, to keep it simple; what is left of the last one is at most a block.</summary>
    private unsafe Block RentBlocks(iovec* buffers)
    {
        Block first = _loop.Blocks.RentBlock();
        Block last = first;
        for (int i = 0; ; i++)
        {
            buffers[i].iov_base = last.Start;
            buffers[i].iov_len = (nuint)last.Capacity;
            if (i == _burst - 1)
            {
                break;
            }

            Block next = _loop.Blocks.RentBlock();
            last.SetNextFree(next);
            last = next;
        }

        return first;
    }

    /// <summary>Appends the blocks that were filled, and gives back the others.</summary>
    private int TakeReceived(Block first, int received, out bool filled)
    {
        filled = received == _burst * BlockPool.BlockSize;
        int left = Math.Max(received, 0);
        Block? block = first;
        while (block is not null)
        {
            Block? next = block.NextBlock;
            block.SetNextFree(null);
            if (left > 0)
            {
                int length = Math.Min(left, block.Capacity);
                block.End = length;
                Append(block);
                left -= length;
            }
            else
            {
                block.Dispose();
            }

            block = next;
        }

        return received;
    }

    private void Append(Block block)
    {
        if (_last is null)
        {
            _first = block;
            _consumed = 0;
        }
        else
        {
            _last.Append(block);
        }

        _last = block;
    }

    /// <summary>Remembers whether something may be left in the socket: receiving less than asked is proof that nothing is,
    /// unless the end of the stream may follow.</summary>
    private void SetReadable(bool readable)
    {
        if (Has(State.Readable) == readable)
        {
            return;
        }

        if (readable)
        {
            Interlocked.Or(ref _state, (int)State.Readable);
        }
        else
        {
            Interlocked.And(ref _state, ~(int)State.Readable);
        }
    }
}
