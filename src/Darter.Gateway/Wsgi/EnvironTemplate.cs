using Darter.CPython;
using Darter.Gateway.Runtime;

namespace Darter.Gateway.Wsgi;

/// <summary>An environ made of a part of a request head, to be copied for requests in which that has the same bytes.</summary>
internal sealed class EnvironTemplate : Template
{
    private HeldReference _environ;

    /// <summary>The dict.</summary>
    public BorrowedReference Environ => _environ.Borrow();

    /// <summary>The callables that the dict holds.</summary>
    public RequestCallables? Callables { get; private set; }

    /// <summary>Keeps another dict.</summary>
    public void Set(ReadOnlySpan<byte> key, ulong hash, NewReference environ, RequestCallables callables)
    {
        SetKey(key, hash);
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
