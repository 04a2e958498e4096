using Darter.Wire;

namespace Darter.Gateway.Runtime;

/// <summary>Bytes received and not yet read, in one pinned array that grows up to the largest frame.</summary>
internal sealed unsafe class ReceiveBuffer
{
    /// <summary>Holds a body frame of the usual size and more behind it.</summary>
    private const int InitialSize = ChannelFormat.MaxBodyChunk * 2;

    private byte[] _array = GC.AllocateUninitializedArray<byte>(InitialSize, pinned: true);
    private int _start;
    private int _end;

    /// <summary>The bytes waiting.</summary>
    public ReadOnlySpan<byte> Waiting => new(_array, _start, _end - _start);

    /// <summary>Drops the first bytes: they were read.</summary>
    public void Consume(int count) => _start += count;

    /// <summary>Makes room for the rest of the frame that is not complete, and says where to receive.</summary>
    public byte* Reserve(out int size)
    {
        int waiting = _end - _start;
        if (waiting == 0)
        {
            _start = _end = 0;
        }
        else
        {
            int needed = FrameReader.SizeOfNext(Waiting);
            if (needed > _array.Length)
            {
                byte[] larger = GC.AllocateUninitializedArray<byte>(Math.Max(needed, _array.Length * 2), pinned: true);
                Waiting.CopyTo(larger);
                _array = larger;
                _start = 0;
                _end = waiting;
            }
            else if (_start + needed > _array.Length)
            {
                Waiting.CopyTo(_array);
                _start = 0;
                _end = waiting;
            }
        }

        size = _array.Length - _end;
        return (byte*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(_array, _end);
    }

    /// <summary>Adds bytes received to the place that <see cref="Reserve"/> gave.</summary>
    public void Advance(int count) => _end += count;
}
