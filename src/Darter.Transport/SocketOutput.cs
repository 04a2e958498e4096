using System.Diagnostics;
using System.IO.Pipelines;

namespace Darter.Transport;

/// <summary>
/// The sending side of a connection. A flush sends on the calling thread whatever the socket takes, at once or, on the loop's
/// thread, at the end of the loop's pass together with others; the rest stays here and follows when the loop hears that the
/// socket has room again. Only when more than a limit is left does the flush itself wait.
/// </summary>
/// <remarks>
/// The writer (one at a time, on any thread) owns what has not been flushed; everything else is guarded by the
/// connection's lock, which is held during a send: it does not block, and order on the wire is order under the lock.
/// A flush that waits completes on the loop's thread.
/// </remarks>
internal sealed partial class SocketOutput : PipeWriter
{
    private readonly EpollConnection _connection;
    private readonly EventLoop _loop;
    private readonly Lock _gate;
    private readonly long _limit;
    private Block? _first;
    private int _sent;
    private Block? _last;
    private long _unsent;
    private int _unflushed;
    private bool _writing;
    private bool _completed;
    private bool _closed;
    private int _sending;

    internal SocketOutput(EpollConnection connection, long limit)
    {
        _connection = connection;
        _loop = connection.Loop;
        _gate = connection.Gate;
        _limit = limit;
    }

    /// <summary>Whether room in the socket is worth telling <see cref="OnWritable"/> about. The loop's thread.</summary>
    internal bool WantsRoom => Volatile.Read(ref _sending) >= Sending.Active;

    /// <inheritdoc/>
    public override bool CanGetUnflushedBytes => true;

    /// <inheritdoc/>
    public override long UnflushedBytes => _unflushed;

    /// <inheritdoc/>
    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <inheritdoc/>
    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        if (_completed)
        {
            throw new InvalidOperationException("Writing is not allowed after the writer was completed.");
        }

        if (_nextFile is { } file)
        {
            return PlaceholderOf(file);
        }

        Block? block = _last;
        if (!_writing || block is null || block.Free == 0 || block.Free < sizeHint)
        {
            block = PrepareBlock(sizeHint);
        }

        return block.FreeMemory;
    }

    /// <inheritdoc/>
    public override void Advance(int bytes)
    {
        if (_nextFile is { } file)
        {
            AdvanceFile(file, bytes);
            return;
        }

        Block? block = _last;
        if ((uint)bytes > (uint)(block?.Free ?? 0))
        {
            throw new ArgumentOutOfRangeException(nameof(bytes));
        }

        if (block is not null)
        {
            block.End += bytes;
            _unflushed += bytes;
        }
    }

    /// <summary>Sends what the socket takes of what was written, and keeps the rest. Nothing can be written afterwards.</summary>
    public override void Complete(Exception? exception = null)
    {
        lock (_gate)
        {
            if (_completed)
            {
                return;
            }

            _completed = true;
            Commit();
        }

        if (exception is not null)
        {
            _connection.Abort(exception);
        }
    }

    /// <summary>Whether nothing was written that is not sent. Under the lock.</summary>
    internal bool IsEmpty => _unsent == 0 && _unflushed == 0 && _nextFile is null;

    /// <summary>Bytes that wait in memory to be sent. Under the lock.</summary>
    private long InMemory => _file is { } file ? _unsent - file.Left : _unsent;

    /// <summary>Drops what waits to be sent and whatever is written from now on. Under the lock.</summary>
    internal void Close()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread);
        _closed = true;
        Volatile.Write(ref _sending, Sending.Idle);
        if (_unsent > 0)
        {
            // Otherwise the blocks there may be are the writer's alone; its next flush drops them.
            Discard();
        }
    }

    /// <summary>Makes sure that there is a last block with enough room, and that it stays until the next flush.</summary>
    private Block PrepareBlock(int sizeHint)
    {
        if (_last is null)
        {
            // Without the lock: nothing waits to be sent, so no other thread looks at the chain.
            _writing = true;
            _sent = 0;
            return _first = _last = NewBlock(sizeHint);
        }

        // A send or an abort on another thread may walk the chain and give blocks back.
        lock (_gate)
        {
            _writing = true;
            if (_last is null)
            {
                _sent = 0;
                return _first = _last = NewBlock(sizeHint);
            }

            if (_last.Free == 0 || _last.Free < sizeHint)
            {
                Block block = NewBlock(sizeHint);
                _last.Append(block);
                _last = block;
            }

            return _last;
        }
    }

    private Block NewBlock(int sizeHint) =>
        sizeHint <= BlockPool.BlockSize ? _loop.Blocks.RentBlock() : new Block(sizeHint, pool: null);

    private static class Sending
    {
        /// <summary>Nobody sends and nothing waits for room.</summary>
        internal const int Idle = 0;

        /// <summary>What was written is sent at the end of the loop's pass.</summary>
        internal const int Deferred = 1;

        /// <summary>A send is under way. Room reported meanwhile may be what it is about to find missing.</summary>
        internal const int Active = 2;

        /// <summary>The socket is full.</summary>
        internal const int Stalled = 3;
    }
}
