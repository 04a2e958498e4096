namespace Darter.Gateway.Runtime;

/// <summary>Something made of a part of a request head, to be used again where that part has the same bytes.</summary>
internal abstract class Template
{
    private byte[] _key = [];
    private int _keyLength;
    private ulong _hash;

    /// <summary>Hash of the bytes that were asked for last in this place and not found.</summary>
    public ulong Missed { get; set; }

    /// <summary>Whether it was made of these bytes.</summary>
    public bool Matches(ReadOnlySpan<byte> key) => key.SequenceEqual(_key.AsSpan(0, _keyLength));

    /// <summary>Whether it was made of these bytes, which have this hash.</summary>
    public bool Matches(ReadOnlySpan<byte> key, ulong hash) => hash == _hash && Matches(key);

    /// <summary>Says of which bytes it is made from now on.</summary>
    protected void SetKey(ReadOnlySpan<byte> key, ulong hash)
    {
        if (_key.Length < key.Length)
        {
            _key = new byte[key.Length];
        }

        key.CopyTo(_key);
        _keyLength = key.Length;
        _hash = hash;
    }
}
