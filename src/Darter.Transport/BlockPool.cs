using System.Buffers;
using System.Diagnostics;

namespace Darter.Transport;

/// <summary>
/// The 4 KiB blocks of a loop's connections, pinned because the kernel reads and writes them. Every thread may take and
/// return them. The loop's own thread keeps some for itself, which it uses without synchronization; the others are shared
/// under a lock.
/// </summary>
internal sealed class BlockPool : MemoryPool<byte>, ILoopWork
{
    /// <summary>A page, which most requests and responses fit in.</summary>
    internal const int BlockSize = 4096;

    /// <summary>Free blocks that the loop keeps for itself: 512 KiB. Between them and the shared ones half as many move at
    /// once.</summary>
    internal const int OwnBlocks = 128;

    /// <summary>Free shared blocks that are kept whatever happens: 512 KiB.</summary>
    internal const int KeptBlocks = 128;

    /// <summary>How often unused memory is given back to the garbage collector, as long as there is any.</summary>
    private static readonly TimeSpan s_trimInterval = TimeSpan.FromSeconds(5);

    private readonly EventLoop _loop;
    private readonly LoopTimer _trimTimer;
    private readonly Lock _sharedGate = new();
    private Block? _own;
    private int _ownCount;
    private Block? _shared;
    private int _sharedCount;
    private int _leastShared;
    private int _total;

    internal BlockPool(EventLoop loop)
    {
        _loop = loop;
        _trimTimer = loop.CreateTimer(this);
    }

    /// <inheritdoc/>
    public override int MaxBufferSize => BlockSize;

    /// <summary>Free blocks in the pool. A hint unless the loop is still.</summary>
    internal int FreeCount => Volatile.Read(ref _ownCount) + Volatile.Read(ref _sharedCount);

    /// <summary>The pool's blocks, rented or free.</summary>
    internal int TotalCount => Volatile.Read(ref _total);

    /// <inheritdoc/>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
        return RentBlock();
    }

    /// <summary>A block that is empty and belongs to the caller until it is disposed. Any thread.</summary>
    internal Block RentBlock()
    {
        Block block = (_loop.IsCurrent ? TakeOwn() : TakeShared()) ?? NewBlock();
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
            if (_ownCount == OwnBlocks)
            {
                Share(OwnBlocks / 2);
            }

            Push(ref _own, ref _ownCount, block);
        }
        else
        {
            lock (_sharedGate)
            {
                Push(ref _shared, ref _sharedCount, block);
            }
        }
    }

    /// <summary>Gives half of the shared blocks that were not needed since the last time to the garbage collector.</summary>
    void ILoopWork.Run()
    {
        lock (_sharedGate)
        {
            for (int surplus = (_leastShared - KeptBlocks + 1) / 2; surplus > 0; surplus--)
            {
                Pop(ref _shared, ref _sharedCount);
                Interlocked.Decrement(ref _total);
            }

            _leastShared = _sharedCount;
            ScheduleTrim();
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // The pool lives as long as its loop; blocks that are still out are collected with their users.
    }

    private Block NewBlock()
    {
        Interlocked.Increment(ref _total);
        return new Block(BlockSize, this);
    }

    private static void Push(ref Block? list, ref int count, Block block)
    {
        block.SetNextFree(list);
        list = block;
        count++;
    }

    private static Block? Pop(ref Block? list, ref int count)
    {
        Block? block = list;
        if (block is not null)
        {
            list = block.NextBlock;
            block.SetNextFree(null);
            count--;
        }

        return block;
    }

    private Block? TakeOwn()
    {
        if (_own is null && Volatile.Read(ref _sharedCount) > 0)
        {
            lock (_sharedGate)
            {
                while (_ownCount < OwnBlocks / 2 && Pop(ref _shared, ref _sharedCount) is { } block)
                {
                    Push(ref _own, ref _ownCount, block);
                }

                _leastShared = Math.Min(_leastShared, _sharedCount);
                ScheduleTrim();
            }
        }

        return Pop(ref _own, ref _ownCount);
    }

    private Block? TakeShared()
    {
        if (Volatile.Read(ref _sharedCount) == 0)
        {
            return null;
        }

        lock (_sharedGate)
        {
            Block? block = Pop(ref _shared, ref _sharedCount);
            _leastShared = Math.Min(_leastShared, _sharedCount);
            return block;
        }
    }

    /// <summary>Moves some of the loop's own blocks to the shared ones, and sees that they do not stay too many.</summary>
    private void Share(int count)
    {
        lock (_sharedGate)
        {
            for (int i = 0; i < count; i++)
            {
                Push(ref _shared, ref _sharedCount, Pop(ref _own, ref _ownCount)!);
            }

            ScheduleTrim();
        }
    }

    private void ScheduleTrim()
    {
        if (_sharedCount > KeptBlocks && !_trimTimer.IsSet)
        {
            _leastShared = _sharedCount;
            _trimTimer.Set(s_trimInterval);
        }
    }
}
