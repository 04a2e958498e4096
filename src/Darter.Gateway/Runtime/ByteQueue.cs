namespace Darter.Gateway.Runtime;

/// <summary>Bytes that are added at the end and taken from the front, in one array that grows and is reused.</summary>
internal sealed class ByteQueue
{
    /// <summary>What is kept for the next use; a larger array is left to the collector when it is empty.</summary>
    private const int KeptSize = 64 * 1024;

    private byte[] _array = [];
    private int _start;
    private int _end;

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Waiting => _array.AsSpan(_start, _end - _start);

    /// <summary>Adds bytes.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (_array.Length - _end < bytes.Length)
        {
            int length = _end - _start;
            byte[] target = length + bytes.Length <= _array.Length
                ? _array
                : GC.AllocateUninitializedArray<byte>(Math.Max(4096, Math.Max(length + bytes.Length, _array.Length * 2)));
            Waiting.CopyTo(target);
            _array = target;
            _start = 0;
            _end = length;
        }

        bytes.CopyTo(_array.AsSpan(_end));
        _end += bytes.Length;
    }

    /// <summary>Takes bytes away.</summary>
    public void Remove(int count)
    {
        _start += count;
        if (_start == _end)
        {
            _start = _end = 0;
            if (_array.Length > KeptSize)
            {
                _array = [];
            }
        }
    }
}
