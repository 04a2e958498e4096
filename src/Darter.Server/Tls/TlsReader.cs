using System.Buffers.Binary;

namespace Darter.Server.Tls;

/// <summary>Reads TLS's presentation language (RFC 8446, section 3). A method that returns false has found too few bytes.</summary>
internal ref struct TlsReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _bytes = bytes;

    internal readonly bool IsAtEnd => _bytes.IsEmpty;

    internal bool TrySkip(int count)
    {
        if (_bytes.Length < count)
        {
            return false;
        }

        _bytes = _bytes[count..];
        return true;
    }

    internal bool TryReadUInt16(out ushort value)
    {
        bool isThere = BinaryPrimitives.TryReadUInt16BigEndian(_bytes, out value);
        _bytes = isThere ? _bytes[2..] : _bytes;
        return isThere;
    }

    /// <summary>A vector whose length has one byte.</summary>
    internal bool TryReadShortVector(out TlsReader content) => TryReadContent(1, _bytes.IsEmpty ? -1 : _bytes[0], out content);

    /// <summary>A vector whose length has two bytes.</summary>
    internal bool TryReadVector(out TlsReader content) =>
        TryReadContent(2, BinaryPrimitives.TryReadUInt16BigEndian(_bytes, out ushort length) ? length : -1, out content);

    /// <summary>Whether all that is left are these bytes.</summary>
    internal readonly bool Is(ReadOnlySpan<byte> expected) => _bytes.SequenceEqual(expected);

    private bool TryReadContent(int prefix, int length, out TlsReader content)
    {
        if (length < 0 || _bytes.Length < prefix + length)
        {
            content = default;
            return false;
        }

        content = new TlsReader(_bytes.Slice(prefix, length));
        _bytes = _bytes[(prefix + length)..];
        return true;
    }
}
