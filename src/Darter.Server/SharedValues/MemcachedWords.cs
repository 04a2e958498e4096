namespace Darter.Server.SharedValues;

/// <summary>The words of a line, between spaces.</summary>
internal ref struct MemcachedWords(ReadOnlySpan<byte> line)
{
    private ReadOnlySpan<byte> _rest = line;

    /// <summary>The next word; empty: there is none.</summary>
    internal ReadOnlySpan<byte> Next()
    {
        _rest = _rest.TrimStart((byte)' ');
        int end = _rest.IndexOf((byte)' ');
        ReadOnlySpan<byte> word = end < 0 ? _rest : _rest[..end];
        _rest = _rest[word.Length..];
        return word;
    }
}
