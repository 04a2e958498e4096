using Darter.CPython;

namespace Darter.Gateway.Wsgi;

/// <summary>An environ made of the stable part of a request head, to be copied for requests with the same bytes.</summary>
internal sealed class EnvironTemplate
{
    private byte[] _key = [];
    private int _keyLength;
    private ulong _hash;
    private HeldReference _environ;

    /// <summary>The dict; NULL if nothing is kept.</summary>
    public BorrowedReference Environ => _environ.Borrow();

    /// <summary>The callables that the dict holds.</summary>
    public RequestCallables? Callables { get; private set; }

    /// <summary>Hash of the stable part that was asked for last in this place and not found.</summary>
    public ulong Missed { get; set; }

    /// <summary>Whether it was made of these bytes.</summary>
    public bool Matches(ReadOnlySpan<byte> stable) => stable.SequenceEqual(_key.AsSpan(0, _keyLength));

    /// <summary>Whether it was made of these bytes, which have this hash.</summary>
    public bool Matches(ReadOnlySpan<byte> stable, ulong hash) => hash == _hash && Matches(stable);

    /// <summary>Keeps another dict.</summary>
    public void Set(ReadOnlySpan<byte> stable, ulong hash, NewReference environ, RequestCallables callables)
    {
        if (_key.Length < stable.Length)
        {
            _key = new byte[stable.Length];
        }

        stable.CopyTo(_key);
        _keyLength = stable.Length;
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
