using System.Buffers;
using System.Diagnostics;

namespace Darter.Transport;

/// <summary>
/// The 4 KiB blocks of a loop's connections, pinned because the kernel reads and writes them. The loop's own thread takes
/// and returns them without synchronization; other threads, which also may, use a second list under a lock.
/// </summary>
internal sealed class BlockPool : MemoryPool<byte>, ILoopWork
{
    /// <summary>A page, which most requests and responses fit in.</summary>
    internal const int BlockSize = 4096;

    /// <summary>Free blocks that are kept whatever happens: 1 MiB.</summary>
    private const int KeptBlocks = 256;

    /// <summary>How often unused memory is given back to the garbage collector, as long as there is any.</summary>
    private static readonly TimeSpan s_trimInterval = TimeSpan.FromSeconds(5);

    private readonly EventLoop _loop;
    private readonly LoopTimer _trimTimer;
    private readonly Lock _sharedGate = new();
    private Block? _free;
    private int _freeCount;
    private int _leastFree;
    private Block? _shared;
    private int _sharedCount;

    internal BlockPool(EventLoop loop)
    {
        _loop = loop;
        _trimTimer = loop.CreateTimer(this);
    }

    /// <inheritdoc/>
    public override int MaxBufferSize => BlockSize;

    /// <summary>Free blocks in the pool. A hint unless the loop is still.</summary>
    internal int FreeCount => Volatile.Read(ref _freeCount) + Volatile.Read(ref _sharedCount);

    /// <inheritdoc/>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
        return RentBlock();
    }

    /// <summary>A block that is empty and belongs to the caller until it is disposed. Any thread.</summary>
    internal Block RentBlock()
    {
        Block block = (_loop.IsCurrent ? TakeFree() : TakeShared()) ?? new Block(BlockSize, this);
        Debug.Assert(!block.Rented);
        block.Rented = true;
        return block;
    }

    /// <summary>Takes a block back. Any thread.</summary>
    internal void Return(Block block)
    {
        if (!block.Rented)
        {
            return;
        }

        block.Rented = false;
        block.Reset();
        if (_loop.IsCurrent)
        {
            block.SetNextFree(_free);
            _free = block;
            if (++_freeCount > KeptBlocks && !_trimTimer.IsSet)
            {
                _leastFree = _freeCount;
                _trimTimer.Set(s_trimInterval);
            }
        }
        else
        {
            lock (_sharedGate)
            {
                block.SetNextFree(_shared);
                _shared = block;
                _sharedCount++;
            }
        }
    }

    /// <summary>Gives half of what was not needed since the last time to the garbage collector.</summary>
    void ILoopWork.Run()
    {
        Adopt();
        for (int surplus = (_leastFree - KeptBlocks + 1) / 2; surplus > 0; surplus--)
        {
            Block block = _free!;
            _free = block.NextBlock;
            block.SetNextFree(null);
            _freeCount--;
        }

        _leastFree = _freeCount;
        if (_freeCount > KeptBlocks)
        {
            _trimTimer.Set(s_trimInterval);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // The pool lives as long as its loop; blocks that are still out are collected with their users.
    }

    private Block? TakeFree()
    {
        if (_free is null && Volatile.Read(ref _sharedCount) > 0)
        {
            Adopt();
        }

        Block? block = _free;
        if (block is not null)
        {
            _free = block.NextBlock;
            block.SetNextFree(null);
            _freeCount--;
        }

        _leastFree = Math.Min(_leastFree, _freeCount);
        return block;
    }

    /// <summary>Moves what other threads returned to the loop's own list.</summary>
    private void Adopt()
    {
        Block? block;
        lock (_sharedGate)
        {
            block = _shared;
            _shared = null;
            _sharedCount = 0;
        }

        while (block is not null)
        {
            Block? next = block.NextBlock;
            block.SetNextFree(_free);
            _free = block;
            _freeCount++;
            block = next;
        }
    }

    private Block? TakeShared()
    {
        lock (_sharedGate)
        {
            Block? block = _shared;
            if (block is not null)
            {
                _shared = block.NextBlock;
                block.SetNextFree(null);
                _sharedCount--;
            }

            return block;
        }
    }
}
