using System.Buffers;

namespace Darter.Wire;

/// <summary>
/// Bytes waiting to be written to a channel, in one array that grows and is reused. Not thread-safe.
/// </summary>
public sealed class OutgoingBuffer : IDisposable
{
    private readonly int _initialSize;
    private byte[] _array;
    private int _start;
    private int _end;

    /// <summary>Creates a buffer that starts with, and returns to, <paramref name="initialSize"/> bytes.</summary>
    public OutgoingBuffer(int initialSize = 64 * 1024)
    {
        _initialSize = initialSize;
        _array = ArrayPool<byte>.Shared.Rent(initialSize);
    }

    /// <summary>Number of bytes waiting.</summary>
    public int Length => _end - _start;

    /// <summary>The bytes waiting.</summary>
    public ReadOnlySpan<byte> Span => _array.AsSpan(_start, _end - _start);

    /// <summary>The bytes waiting, for a write that takes time; nothing may be added until it has ended.</summary>
    public ReadOnlyMemory<byte> Memory => _array.AsMemory(_start, _end - _start);

    /// <summary>A place of at least <paramref name="size"/> bytes behind the waiting ones.</summary>
    public Span<byte> GetSpan(int size)
    {
        if (_array.Length - _end < size)
        {
            Grow(size);
        }

        return _array.AsSpan(_end);
    }

    /// <summary>Makes <paramref name="count"/> bytes, written to the last <see cref="GetSpan"/>, part of the waiting ones.</summary>
    public void Advance(int count) => _end += count;

    /// <summary>The waiting bytes from <paramref name="offset"/> on, to fill in what was not known when they were written.</summary>
    public Span<byte> Written(int offset) => _array.AsSpan(_start + offset, _end - _start - offset);

    /// <summary>Takes back everything that was written behind <paramref name="length"/> waiting bytes.</summary>
    public void Truncate(int length) => _end = _start + length;

    /// <summary>Drops the first <paramref name="count"/> bytes: they were sent.</summary>
    public void Consume(int count)
    {
        _start += count;
        if (_start == _end)
        {
            _start = _end = 0;
            if (_array.Length > 4 * _initialSize)
            {
                // A burst made it large; do not keep that for the lifetime of the channel.
                ArrayPool<byte>.Shared.Return(_array);
                _array = ArrayPool<byte>.Shared.Rent(_initialSize);
            }
        }
    }

    /// <summary>Gives the array back; the buffer must not be used afterwards.</summary>
    public void Dispose()
    {
        if (_array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_array);
            _array = [];
            _start = _end = 0;
        }
    }

    private void Grow(int size)
    {
        int length = Length;
        if (_start > 0 && _array.Length - length >= size && length <= _array.Length / 2)
        {
            _array.AsSpan(_start, length).CopyTo(_array);
        }
        else
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(checked(length + size), _array.Length * 2));
            _array.AsSpan(_start, length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_array);
            _array = larger;
        }

        _start = 0;
        _end = length;
    }
}
