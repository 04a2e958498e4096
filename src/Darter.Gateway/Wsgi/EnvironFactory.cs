using Darter.CPython;
using Darter.CPython.Native;
using Darter.Wire;

namespace Darter.Gateway.Wsgi;

/// <summary>Makes the environ of a request (PEP 3333). The part of the head that repeats is built once and then copied.</summary>
internal sealed unsafe class EnvironFactory
{
    private const int Places = 256;
    private const int LongestKey = 4096;

    private readonly EnvironKeys _keys = new();
    private readonly EnvironBuilder _builder;
    private readonly EnvironTemplate[] _templates = new EnvironTemplate[Places];
    private readonly ObjectCache _methods = new(16, 32);
    private readonly ObjectCache _targets = new(256, 256);
    private readonly ObjectCache _addresses = new(64, 64);
    private readonly ObjectCache _ports = new(256, 2);
    private EnvironTemplate _last = new();

    /// <summary>Creates a factory.</summary>
    public EnvironFactory(WsgiSettings settings, BorrowedReference emptyInput)
    {
        _builder = new EnvironBuilder(settings, _keys, emptyInput);
        for (int i = 0; i < Places; i++)
        {
            _templates[i] = new EnvironTemplate();
        }
    }

    /// <summary>The environ of a request. NULL: a Python error is set.</summary>
    /// <param name="head">The request head.</param>
    /// <param name="callables">The functions of the request.</param>
    /// <param name="input">Its <c>wsgi.input</c>, NULL if it has no body.</param>
    public NewReference Create(in RequestHead head, RequestCallables callables, BorrowedReference input)
    {
        NewReference environ = CreateStable(head.Stable, head, callables);
        if (environ.IsNull || SetRequest(environ, head, input))
        {
            return environ;
        }

        environ.Dispose();
        return default;
    }

    private NewReference CreateStable(ReadOnlySpan<byte> stable, in RequestHead head, RequestCallables callables)
    {
        if (!_last.Environ.IsNull && _last.Matches(stable))
        {
            return Copy(_last, callables);
        }

        if (stable.Length > LongestKey)
        {
            return _builder.Build(head, callables);
        }

        ulong hash = BytesHash.Compute(stable);
        EnvironTemplate template = _templates[(int)hash & (Places - 1)];
        if (!template.Environ.IsNull)
        {
            if (template.Matches(stable, hash))
            {
                _last = template;
                return Copy(template, callables);
            }

            // What comes once only must not push out what comes often.
            if (template.Missed != hash)
            {
                template.Missed = hash;
                return _builder.Build(head, callables);
            }
        }

        NewReference environ = _builder.Build(head, callables);
        if (environ.IsNull)
        {
            return default;
        }

        template.Set(stable, hash, environ, callables);
        _last = template;
        return Copy(template, callables);
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

    private bool SetRequest(BorrowedReference environ, in RequestHead head, BorrowedReference input)
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
            && Set(environ, _keys.RemoteAddress, Latin1(_addresses, head.ClientHost))
            && (head.ClientPort == 0 || Set(environ, _keys.RemotePort, Port(head.ClientPort)))
            && (input.IsNull || Set(environ, _keys.Input, input));
    }

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

    private BorrowedReference Port(ushort port)
    {
        ReadOnlySpan<byte> key = new(&port, sizeof(ushort));
        if (_ports.TryFind(key, out ulong hash, out BorrowedReference found))
        {
            return found;
        }

        Span<byte> digits = stackalloc byte[5];
        _ = port.TryFormat(digits, out int length);
        return _ports.Add(key, hash, PythonText.FromLatin1(digits[..length]));
    }
}
