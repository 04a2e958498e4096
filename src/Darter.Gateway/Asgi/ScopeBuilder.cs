using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;
using Darter.Wire;

namespace Darter.Gateway.Asgi;

/// <summary>Builds the part of a scope that the stable bytes of a request head and the worker's settings determine.</summary>
internal sealed unsafe class ScopeBuilder(AsgiSettings settings, InternedKeys keys)
{
    private readonly ObjectCache _names = new(256, 64);

    /// <summary>
    /// A scope in which what differs from request to request is None, and the headers, subprotocols, state and extensions
    /// are those to be copied. NULL: a Python error is set.
    /// </summary>
    public NewReference Build(in RequestHead head)
    {
        NewReference scope = PyApi.PyDict_New();
        if (!scope.IsNull && (head.IsWebSocket ? SetWebSocket(scope, head) : SetHttp(scope, head)))
        {
            return scope;
        }

        scope.Dispose();
        return default;
    }

    private bool SetHttp(BorrowedReference scope, in RequestHead head)
    {
        using NewReference extensions = TlsExtension.AddTo(settings.ExtensionsOf(head), head);
        return SetCommon(scope, "http"u8, head.IsHttps ? "https"u8 : "http"u8, head)
            && !extensions.IsNull
            && PyApi.PyDict_SetItem(scope, keys.Method, new BorrowedReference(PyApi.None)) == 0
            && PyApi.PyDict_SetItem(scope, keys.Extensions, extensions) == 0;
    }

    private bool SetWebSocket(BorrowedReference scope, in RequestHead head)
    {
        using NewReference subprotocols = Subprotocols(head.Headers);
        using NewReference extensions = TlsExtension.AddTo(settings.ExtensionsOf(head), head);
        return SetCommon(scope, "websocket"u8, head.IsHttps ? "wss"u8 : "ws"u8, head)
            && !subprotocols.IsNull
            && !extensions.IsNull
            && PyApi.PyDict_SetItem(scope, keys.Subprotocols, subprotocols) == 0
            && PyApi.PyDict_SetItem(scope, keys.Extensions, extensions) == 0;
    }

    private bool SetCommon(BorrowedReference scope, ReadOnlySpan<byte> type, ReadOnlySpan<byte> scheme, in RequestHead head)
    {
        BorrowedReference none = new(PyApi.None);
        ReadOnlySpan<byte> version = head.Version switch
        {
            10 => "1.0"u8,
            20 => "2"u8,
            30 => "3"u8,
            _ => "1.1"u8,
        };
        using NewReference typeText = PythonText.FromLatin1(type);
        using NewReference versionText = PythonText.FromLatin1(version);
        using NewReference schemeText = PythonText.FromLatin1(scheme);
        using NewReference server = Server(head);
        using NewReference headers = Headers(head.Headers);
        using NewReference rootPath = RootPath(head);
        return !headers.IsNull && !server.IsNull
            && PyApi.PyDict_SetItem(scope, keys.Type, typeText) == 0
            && Set(scope, "asgi\0"u8, settings.Asgi)
            && Set(scope, "http_version\0"u8, versionText)
            && Set(scope, "server\0"u8, server)
            && PyApi.PyDict_SetItem(scope, keys.Client, none) == 0
            && Set(scope, "scheme\0"u8, schemeText)
            && Set(scope, "root_path\0"u8, rootPath)
            && PyApi.PyDict_SetItem(scope, keys.Path, none) == 0
            && PyApi.PyDict_SetItem(scope, keys.RawPath, none) == 0
            && PyApi.PyDict_SetItem(scope, keys.QueryString, none) == 0
            && PyApi.PyDict_SetItem(scope, keys.Headers, headers) == 0
            && PyApi.PyDict_SetItem(scope, keys.State, settings.State) == 0;
    }

    /// <summary>That of the settings, and behind it where a web server says that the application is mounted.</summary>
    private NewReference RootPath(in RequestHead head)
    {
        if (!head.HasScriptName || !head.Variables.TryFind("SCRIPT_NAME"u8, out ReadOnlySpan<byte> mount))
        {
            return settings.RootPath.ToNew();
        }

        return PythonText.TryGetUtf8(settings.RootPath, out ReadOnlySpan<byte> root) ? PythonText.FromUtf8([.. root, .. mount]) : default;
    }

    /// <summary>(host, port), or (path, None) of a Unix socket.</summary>
    private static NewReference Server(in RequestHead head)
    {
        if (head.ServerHost.IsEmpty && head.ServerPort == 0)
        {
            return new BorrowedReference(PyApi.None).ToNew();
        }

        NewReference host = PythonText.FromUtf8(head.ServerHost);
        NewReference port = head.ServerPort == 0 ? new BorrowedReference(PyApi.None).ToNew() : PyApi.PyLong_FromLongLong(head.ServerPort);
        return Pair(host, port);
    }

    private NewReference Headers(HeaderBlock headers)
    {
        NewReference list = PyApi.PyList_New(headers.Count);
        if (list.IsNull)
        {
            return default;
        }

        nint place = 0;
        foreach (HeaderBlock.Field field in headers)
        {
            BorrowedReference name = _names.TryFind(field.Name, out ulong hash, out BorrowedReference found)
                ? found
                : _names.Add(field.Name, hash, PythonText.Bytes(field.Name));
            NewReference pair = name.IsNull ? default : Pair(name.ToNew(), PythonText.Bytes(field.Value));
            if (pair.IsNull)
            {
                list.Dispose();
                return default;
            }

            _ = PyApi.PyList_SetItem(list, place++, pair.Steal());
        }

        return list;
    }

    /// <summary>A tuple of two new references. NULL: a Python error is set.</summary>
    internal static NewReference Pair(NewReference first, NewReference second)
    {
        NewReference pair = first.IsNull || second.IsNull ? default : PyApi.PyTuple_New(2);
        if (pair.IsNull)
        {
            first.Dispose();
            second.Dispose();
            return default;
        }

        _ = PyApi.PyTuple_SetItem(pair, 0, first.Steal());
        _ = PyApi.PyTuple_SetItem(pair, 1, second.Steal());
        return pair;
    }

    /// <summary>What the client offers, in its order (RFC 6455, section 11.3.4).</summary>
    private static NewReference Subprotocols(HeaderBlock headers)
    {
        NewReference list = PyApi.PyList_New(0);
        if (list.IsNull)
        {
            return default;
        }

        foreach (HeaderBlock.Field field in headers)
        {
            if (!field.Name.SequenceEqual("sec-websocket-protocol"u8))
            {
                continue;
            }

            foreach (Range range in field.Value.Split((byte)','))
            {
                ReadOnlySpan<byte> offered = field.Value[range].Trim(" \t"u8);
                using NewReference text = PythonText.FromLatin1(offered);
                if (text.IsNull || (offered.Length > 0 && PyApi.PyList_Append(list, text) != 0))
                {
                    list.Dispose();
                    return default;
                }
            }
        }

        return list;
    }

    private static bool Set(BorrowedReference scope, ReadOnlySpan<byte> zeroTerminatedKey, BorrowedReference value)
    {
        using NewReference key = PythonText.Interned(zeroTerminatedKey);
        return !key.IsNull && !value.IsNull && PyApi.PyDict_SetItem(scope, key, value) == 0;
    }
}
