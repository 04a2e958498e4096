using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;
using Darter.Wire;

namespace Darter.Gateway.Wsgi;

/// <summary>Makes the environ of a request (PEP 3333). The part of the head that repeats is built once and then copied.</summary>
internal sealed unsafe class EnvironFactory
{
    /// <summary>Where in a request head the bytes begin that determine the environ but for the client's port.</summary>
    private const int KeyOffset = 12;

    private readonly EnvironKeys _keys = new();
    private readonly EnvironBuilder _builder;
    private readonly TemplateCache<EnvironTemplate> _whole = new(64);
    private readonly TemplateCache<EnvironTemplate> _stable = new(256);
    private readonly TemplateCache<EnvironTemplate> _listeners = new(16);
    private readonly EnvironHeaders _headers = new();
    private readonly EnvironVariables _variables = new();
    private readonly ObjectCache _methods = new(16, 32);
    private readonly ObjectCache _targets = new(256, 256);
    private readonly ObjectCache _addresses = new(64, 64);
    private readonly PortTexts _ports = new();

    /// <summary>Creates a factory.</summary>
    public EnvironFactory(WsgiSettings settings, BorrowedReference emptyInput) =>
        _builder = new EnvironBuilder(settings, _keys, emptyInput);

    /// <summary>The environ of a request. NULL: a Python error is set.</summary>
    /// <param name="payload">The bytes of the request head.</param>
    /// <param name="head">The request head.</param>
    /// <param name="callables">The functions of the request.</param>
    /// <param name="input">Its <c>wsgi.input</c>, NULL if it has no body.</param>
    public NewReference Create(ReadOnlySpan<byte> payload, in RequestHead head, RequestCallables callables, BorrowedReference input)
    {
        ReadOnlySpan<byte> key = payload[KeyOffset..];
        NewReference environ = _whole.Find(key, out EnvironTemplate? place, out ulong hash) is { } template
            ? Copy(template, callables)
            : CreateWhole(key, head, callables, place, hash);
        if (environ.IsNull
            || (SetPort(environ, head.ClientPort)
                && (input.IsNull || Set(environ, _keys.Input, input))))
        {
            return environ;
        }

        environ.Dispose();
        return default;
    }

    /// <summary>An environ that lacks the client's port and the input.</summary>
    private NewReference CreateWhole(ReadOnlySpan<byte> key, in RequestHead head, RequestCallables callables, EnvironTemplate? place, ulong hash)
    {
        NewReference environ = CreateStable(head, callables);
        if (environ.IsNull || !SetRequest(environ, head) || (head.HasScriptName && !ScriptName.Set(environ, head)))
        {
            environ.Dispose();
            return default;
        }

        if (head.ClientPort == 0)
        {
            // Nor does the template, then: the next request has the same address, so most probably no port either.
            _ = SetPort(environ, 0);
        }

        return place is null ? environ : Keep(place, key, hash, environ, callables);
    }

    /// <summary>An environ that lacks all that differs from request to request.</summary>
    private NewReference CreateStable(in RequestHead head, RequestCallables callables)
    {
        if (_stable.Find(head.Stable, out EnvironTemplate? place, out ulong hash) is { } template)
        {
            return Copy(template, callables);
        }

        NewReference environ = CreateListener(head, callables);
        if (environ.IsNull
            || !_headers.Set(environ, head.Headers)
            || (head.HasVariables && !_variables.Set(environ, head.Variables))
            || (head.ServerPort == 0 && !EnvironBuilder.SetServer(environ, head)))
        {
            environ.Dispose();
            return default;
        }

        return place is null ? environ : Keep(place, head.Stable, hash, environ, callables);
    }

    /// <summary>An environ that lacks the header fields, too; on a Unix socket its server is that of another request.</summary>
    private NewReference CreateListener(in RequestHead head, RequestCallables callables)
    {
        ReadOnlySpan<byte> key = head.Listener;
        if (_listeners.Find(key, out EnvironTemplate? place, out ulong hash) is { } template)
        {
            return Copy(template, callables);
        }

        NewReference environ = _builder.Build(head, callables);
        return environ.IsNull || place is null ? environ : Keep(place, key, hash, environ, callables);
    }

    private static NewReference Keep(EnvironTemplate place, ReadOnlySpan<byte> key, ulong hash, NewReference environ, RequestCallables callables)
    {
        place.Set(key, hash, environ, callables);
        return PyApi.PyDict_Copy(place.Environ);
    }

    private NewReference Copy(EnvironTemplate template, RequestCallables callables)
    {
        if (template.Callables != callables)
        {
            if (!_builder.SetCallables(template.Environ, callables))
            {
                return default;
            }

            template.Replace(callables);
        }

        return PyApi.PyDict_Copy(template.Environ);
    }

    private bool SetRequest(BorrowedReference environ, in RequestHead head)
    {
        BorrowedReference target = Target(head.Target);
        if (target.IsNull)
        {
            return false;
        }

        BorrowedReference raw = PyApi.PyTuple_GetItem(target, RequestTarget.Raw);
        return Set(environ, _keys.RequestMethod, Latin1(_methods, head.Method))
            && Set(environ, _keys.RawUri, raw)
            && Set(environ, _keys.RequestUri, raw)
            && Set(environ, _keys.PathInfo, PyApi.PyTuple_GetItem(target, RequestTarget.Path))
            && Set(environ, _keys.QueryString, PyApi.PyTuple_GetItem(target, RequestTarget.Query))
            && Set(environ, _keys.RemoteAddress, Latin1(_addresses, head.ClientHost));
    }

    /// <summary>A client on a Unix socket has no port.</summary>
    private bool SetPort(BorrowedReference environ, ushort port) =>
        port != 0
            ? Set(environ, _keys.RemotePort, _ports.Get(port))
            : PyApi.PyDict_GetItemWithError(environ, _keys.RemotePort).IsNull || PyApi.PyDict_DelItem(environ, _keys.RemotePort) == 0;

    private static bool Set(BorrowedReference environ, BorrowedReference key, BorrowedReference value) =>
        !value.IsNull && PyApi.PyDict_SetItem_Plain(environ, key, value) == 0;

    private BorrowedReference Target(ReadOnlySpan<byte> target) =>
        _targets.TryFind(target, out ulong hash, out BorrowedReference found)
            ? found
            : _targets.Add(target, hash, RequestTarget.ToTuple(target));

    private static BorrowedReference Latin1(ObjectCache cache, ReadOnlySpan<byte> text) =>
        cache.TryFind(text, out ulong hash, out BorrowedReference found)
            ? found
            : cache.Add(text, hash, PythonText.FromLatin1(text));
}
