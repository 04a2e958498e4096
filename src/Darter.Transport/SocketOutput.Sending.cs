using System.Diagnostics;
using Darter.Transport.Native;

namespace Darter.Transport;

/// <summary>Sending, by the writer's flush or by the loop when the socket has room again.</summary>
internal sealed partial class SocketOutput
{
    /// <summary>Blocks in one send: 256 KiB, more than a socket takes at once by default.</summary>
    private const int MostBlocks = 64;

    /// <summary>The socket has room again. The loop's thread.</summary>
    internal void OnWritable()
    {
        Debug.Assert(_loop.IsCurrent);
        bool flushed;
        bool drained;
        lock (_gate)
        {
            if (_sending == Sending.Stalled)
            {
                Send();
            }

            drained = _unsent == 0;
            flushed = TryFinishFlush();
        }

        if (flushed)
        {
            CompleteFlush();
        }

        if (drained)
        {
            _connection.OnDrained();
        }
    }

    /// <summary>Takes over what was written since the last flush and sends unless the socket is full. Under the lock.</summary>
    private void Commit()
    {
        CommitFile();
        _writing = false;
        _unsent += _unflushed;
        _unflushed = 0;
        if (_closed)
        {
            Discard();
        }
        else if (_unsent == 0)
        {
            // Nothing was written into memory that was asked for.
            ReleaseSent();
        }
        else if (_sending <= Sending.Deferred && !TryDefer())
        {
            Send();
        }

        // From here on somebody may wait for it.
        _fileFinishesHere = false;
    }

    private unsafe void Send()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread && !_closed);
        Volatile.Write(ref _sending, Sending.Active);
        while (_unsent > 0)
        {
            FileTransfer? file = _file;
            long inMemory = InMemory;
            if (inMemory == 0)
            {
                if (!TrySendFile(file!))
                {
                    return;
                }

                continue;
            }

            int asked;
            int sent;
            Block block = _first!;
            int available = block.End - _sent;
            if (available >= inMemory)
            {
                asked = (int)inMemory;
                sent = StreamSocket.Send(_connection.Descriptor, block.Start + _sent, asked, more: file is not null);
            }
            else
            {
                sent = SendSeveral(inMemory, out asked);
            }

            if (!GoesOn(sent, asked))
            {
                return;
            }
        }

        Volatile.Write(ref _sending, Sending.Idle);
    }

    /// <summary>Takes note of what the socket took.</summary>
    /// <returns>Whether it may take more.</returns>
    private bool GoesOn(int sent, int asked)
    {
        if (sent < 0 && sent != StreamSocket.WouldBlock)
        {
            // The peer is gone. What is received from it may still be complete, so only the output ends here.
            Close();
            _connection.PeerIsGone();
            return false;
        }

        if (sent > 0)
        {
            _unsent -= sent;
            _sent += sent;
            ReleaseSent();
        }

        if (sent < asked)
        {
            Stall();
            return false;
        }

        return true;
    }

    /// <summary>The socket is full; the kernel will report room.</summary>
    private void Stall()
    {
        Volatile.Write(ref _sending, Sending.Stalled);
        _connection.Arm();
    }

    private unsafe int SendSeveral(long inMemory, out int asked)
    {
        iovec* buffers = stackalloc iovec[MostBlocks];
        int count = Collect(buffers, MostBlocks, inMemory, out asked);
        return StreamSocket.Send(_connection.Descriptor, buffers, count, more: _file is not null);
    }

    /// <summary>Lists the buffers of what is to be sent.</summary>
    /// <returns>Their number.</returns>
    private unsafe int Collect(iovec* buffers, int most, long inMemory, out int asked)
    {
        int count = 0;
        long left = inMemory;
        int start = _sent;
        asked = 0;
        for (Block? block = _first; block is not null && left > 0 && count < most; block = block.NextBlock)
        {
            int available = (int)Math.Min(block.End - start, left);
            buffers[count].iov_base = block.Start + start;
            buffers[count].iov_len = (nuint)available;
            count++;
            asked += available;
            left -= available;
            start = 0;
        }

        return count;
    }

    /// <summary>Gives back the blocks that everything was sent from, the last one too unless the writer has it.</summary>
    private void ReleaseSent()
    {
        while (_first is { } block)
        {
            if (ReferenceEquals(block, _last))
            {
                if (_unsent == 0 && !_writing && _unflushed == 0)
                {
                    _first = _last = null;
                    _sent = 0;
                    block.Dispose();
                }

                return;
            }

            if (_sent < block.End)
            {
                return;
            }

            _sent -= block.End;
            _first = block.NextBlock;
            block.Dispose();
        }
    }

    private void Discard()
    {
        FinishFile();
        _unsent = 0;
        _unflushed = 0;
        while (_first is { } block && !(_writing && ReferenceEquals(block, _last)))
        {
            _first = block.NextBlock;
            block.Dispose();
        }

        _sent = 0;
        if (_first is null)
        {
            _last = null;
        }
    }
}
