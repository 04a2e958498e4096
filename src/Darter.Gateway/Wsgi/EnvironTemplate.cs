using Darter.CPython;

namespace Darter.Gateway.Wsgi;

/// <summary>An environ made of a part of a request head, to be copied for requests in which that has the same bytes.</summary>
internal sealed class EnvironTemplate
{
    private byte[] _key = [];
    private int _keyLength;
    private ulong _hash;
    private HeldReference _environ;

    /// <summary>The dict.</summary>
    public BorrowedReference Environ => _environ.Borrow();

    /// <summary>The callables that the dict holds.</summary>
    public RequestCallables? Callables { get; private set; }

    /// <summary>Hash of the bytes that were asked for last in this place and not found.</summary>
    public ulong Missed { get; set; }

    /// <summary>Whether it was made of these bytes.</summary>
    public bool Matches(ReadOnlySpan<byte> key) => key.SequenceEqual(_key.AsSpan(0, _keyLength));

    /// <summary>Whether it was made of these bytes, which have this hash.</summary>
    public bool Matches(ReadOnlySpan<byte> key, ulong hash) => hash == _hash && Matches(key);

    /// <summary>Keeps another dict.</summary>
    public void Set(ReadOnlySpan<byte> key, ulong hash, NewReference environ, RequestCallables callables)
    {
        if (_key.Length < key.Length)
        {
            _key = new byte[key.Length];
        }

        key.CopyTo(_key);
        _keyLength = key.Length;
        _hash = hash;
        if (Callables is { } before)
        {
            before.Holders--;
        }

        _environ.Set(environ);
        Callables = callables;
        callables.Holders++;
    }

    /// <summary>Notes that the dict holds other callables now.</summary>
    public void Replace(RequestCallables callables)
    {
        Callables!.Holders--;
        Callables = callables;
        callables.Holders++;
    }
}
