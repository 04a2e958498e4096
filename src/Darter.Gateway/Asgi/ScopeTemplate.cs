using Darter.CPython;
using Darter.Gateway.Runtime;

namespace Darter.Gateway.Asgi;

/// <summary>A scope made of a part of a request head, to be copied for requests in which that has the same bytes.</summary>
internal sealed class ScopeTemplate : Template
{
    private HeldReference _scope;

    /// <summary>The dict; its values are never changed, only replaced in copies.</summary>
    public BorrowedReference Scope => _scope.Borrow();

    /// <summary>Keeps another dict.</summary>
    public void Set(ReadOnlySpan<byte> key, ulong hash, NewReference scope)
    {
        SetKey(key, hash);
        _scope.Set(scope);
    }
}
