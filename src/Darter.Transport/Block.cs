using System.Buffers;
using System.Runtime.InteropServices;

namespace Darter.Transport;

/// <summary>
/// A piece of pinned memory that is everything the transport needs it to be: what a socket reads into and writes from, a
/// segment of the sequence a reader sees, and what Kestrel rents. Disposing returns it to its pool.
/// </summary>
internal sealed unsafe class Block : ReadOnlySequenceSegment<byte>, IMemoryOwner<byte>
{
    private readonly byte[] _array;
    private readonly BlockPool? _pool;

    /// <param name="capacity">The size in bytes.</param>
    /// <param name="pool">Where the block returns to; null for one that is used once.</param>
    internal Block(int capacity, BlockPool? pool)
    {
        _array = GC.AllocateUninitializedArray<byte>(capacity, pinned: true);
        _pool = pool;
        Start = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_array, 0);
        Memory = MemoryMarshal.CreateFromPinnedArray(_array, 0, capacity);
    }

    internal byte* Start { get; }

    internal int Capacity => _array.Length;

    /// <summary>How many bytes have been put in, from the start.</summary>
    internal int End { get; set; }

    internal int Free => _array.Length - End;

    /// <summary>The block after this one, in a chain of either direction or in the pool.</summary>
    internal Block? NextBlock { get; private set; }

    /// <summary>True between rent and return: returning twice would give one memory to two users.</summary>
    internal bool Rented { get; set; }

    Memory<byte> IMemoryOwner<byte>.Memory => MemoryMarshal.CreateFromPinnedArray(_array, 0, _array.Length);

    /// <summary>The memory that is still free.</summary>
    internal Memory<byte> FreeMemory => MemoryMarshal.CreateFromPinnedArray(_array, End, Free);

    /// <summary>Makes <paramref name="next"/> the block after this one, which is full as it is.</summary>
    internal void Append(Block next)
    {
        NextBlock = next;
        Next = next;
        next.RunningIndex = RunningIndex + End;
        if (End != Capacity)
        {
            // A sequence takes all of a segment but its last one for its content.
            Memory = MemoryMarshal.CreateFromPinnedArray(_array, 0, End);
        }
    }

    /// <summary>Links blocks that are no sequence.</summary>
    internal void SetNextFree(Block? next) => NextBlock = next;

    /// <summary>Makes the block as good as new.</summary>
    internal void Reset()
    {
        End = 0;
        RunningIndex = 0;
        NextBlock = null;
        if (Next is not null)
        {
            Next = null;
            Memory = MemoryMarshal.CreateFromPinnedArray(_array, 0, _array.Length);
        }
    }

    public void Dispose() => _pool?.Return(this);
}
