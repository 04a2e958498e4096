using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;
using Darter.Wire;

namespace Darter.Gateway.Asgi;

/// <summary>Makes the scope of a request or a WebSocket. The part of the head that repeats is built once and then copied.</summary>
internal sealed unsafe class ScopeFactory
{
    /// <summary>Where in a request head the bytes begin that determine the scope but for the client's port.</summary>
    private const int KeyOffset = 12;

    private readonly AsgiSettings _settings;
    private readonly InternedKeys _keys;
    private readonly ScopeBuilder _builder;
    private readonly TemplateCache<ScopeTemplate> _whole = new(64);
    private readonly TemplateCache<ScopeTemplate> _stable = new(256);
    private readonly ObjectCache _methods = new(16, 32);
    private readonly ObjectCache _targets = new(256, 256);
    private readonly ClientAddresses _clients = new();
    private readonly byte[] _rootPath;

    /// <summary>Creates a factory.</summary>
    public ScopeFactory(AsgiSettings settings, InternedKeys keys)
    {
        _settings = settings;
        _keys = keys;
        _builder = new ScopeBuilder(settings, keys);
        _rootPath = PythonText.TryGetUtf8(settings.RootPath, out ReadOnlySpan<byte> utf8)
            ? utf8.ToArray()
            : throw new InvalidOperationException("the root path is not a text");
    }

    /// <summary>The scope of a request. NULL: a Python error is set.</summary>
    /// <param name="payload">The bytes of the request head.</param>
    /// <param name="head">The request head.</param>
    public NewReference Create(ReadOnlySpan<byte> payload, in RequestHead head)
    {
        ReadOnlySpan<byte> key = payload[KeyOffset..];
        NewReference scope = _whole.Find(key, out ScopeTemplate? place, out ulong hash) is { } template
            ? PyApi.PyDict_Copy(template.Scope)
            : CreateWhole(key, head, place, hash);
        if (!scope.IsNull && SetOwn(scope, head))
        {
            return scope;
        }

        scope.Dispose();
        return default;
    }

    /// <summary>A scope that lacks the client and what the application may change.</summary>
    private NewReference CreateWhole(ReadOnlySpan<byte> key, in RequestHead head, ScopeTemplate? place, ulong hash)
    {
        NewReference scope = CreateStable(head);
        if (scope.IsNull || !SetRequest(scope, head))
        {
            scope.Dispose();
            return default;
        }

        return place is null ? scope : Keep(place, key, hash, scope);
    }

    private NewReference CreateStable(in RequestHead head)
    {
        if (_stable.Find(head.Stable, out ScopeTemplate? place, out ulong hash) is { } template)
        {
            return PyApi.PyDict_Copy(template.Scope);
        }

        NewReference scope = _builder.Build(head);
        return scope.IsNull || place is null ? scope : Keep(place, head.Stable, hash, scope);
    }

    private static NewReference Keep(ScopeTemplate place, ReadOnlySpan<byte> key, ulong hash, NewReference scope)
    {
        place.Set(key, hash, scope);
        return PyApi.PyDict_Copy(place.Scope);
    }

    private bool SetRequest(BorrowedReference scope, in RequestHead head)
    {
        BorrowedReference target = _targets.TryFind(head.Target, out ulong hash, out BorrowedReference found)
            ? found
            : _targets.Add(head.Target, hash, ScopeTarget.ToTuple(_rootPath, head.Target));
        if (target.IsNull)
        {
            return false;
        }

        return (head.IsWebSocket || Set(scope, _keys.Method, Method(head.Method)))
            && Set(scope, _keys.Path, PyApi.PyTuple_GetItem(target, ScopeTarget.Path))
            && Set(scope, _keys.RawPath, PyApi.PyTuple_GetItem(target, ScopeTarget.RawPath))
            && Set(scope, _keys.QueryString, PyApi.PyTuple_GetItem(target, ScopeTarget.Query));
    }

    /// <summary>Sets what is the request's own: the client, and copies of what the application may change.</summary>
    private bool SetOwn(BorrowedReference scope, in RequestHead head)
    {
        // What a copy of a list or dict replaces is alive in the template.
        BorrowedReference headers = PyApi.PyDict_GetItemWithError(scope, _keys.Headers);
        using NewReference headersCopy = PyApi.PyList_GetSlice(headers, 0, nint.MaxValue);
        using NewReference state = PyApi.PyDict_Copy(_settings.State);
        using NewReference extensions = PyApi.PyDict_Copy(PyApi.PyDict_GetItemWithError(scope, _keys.Extensions));
        return Set(scope, _keys.Headers, headersCopy)
            && Set(scope, _keys.State, state)
            && Set(scope, _keys.Extensions, extensions)
            && Set(scope, _keys.Client, _clients.Get(head.ClientHost, head.ClientPort))
            && (!head.IsWebSocket || SetSubprotocols(scope));
    }

    private bool SetSubprotocols(BorrowedReference scope)
    {
        using NewReference copy = PyApi.PyList_GetSlice(PyApi.PyDict_GetItemWithError(scope, _keys.Subprotocols), 0, nint.MaxValue);
        return Set(scope, _keys.Subprotocols, copy);
    }

    private static bool Set(BorrowedReference scope, BorrowedReference key, BorrowedReference value) =>
        !value.IsNull && PyApi.PyDict_SetItem(scope, key, value) == 0;

    private BorrowedReference Method(ReadOnlySpan<byte> method) =>
        _methods.TryFind(method, out ulong hash, out BorrowedReference found)
            ? found
            : _methods.Add(method, hash, PythonText.FromLatin1(method));
}
