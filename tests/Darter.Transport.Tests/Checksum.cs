using System.Globalization;

namespace Darter.Transport.Tests;

/// <summary>The length and a position-dependent sum of a stream of bytes.</summary>
internal sealed class Checksum
{
    private long _length;
    private uint _sum;

    internal long Length => _length;

    internal void Add(ReadOnlySpan<byte> bytes)
    {
        uint sum = _sum;
        foreach (byte value in bytes)
        {
            sum = (sum * 31) + value;
        }

        _sum = sum;
        _length += bytes.Length;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{_length}:{_sum}");
}
