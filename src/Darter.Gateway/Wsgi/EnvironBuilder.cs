using System.Text;
using Darter.CPython;
using Darter.CPython.Native;
using Darter.Wire;

namespace Darter.Gateway.Wsgi;

/// <summary>Builds the part of an environ that the listener and the worker's settings determine.</summary>
internal sealed unsafe class EnvironBuilder
{
    private readonly EnvironKeys _keys;
    private readonly HeldReference _constants;

    /// <summary>Creates a builder.</summary>
    /// <exception cref="InvalidOperationException">Python ran out of memory.</exception>
    public EnvironBuilder(WsgiSettings settings, EnvironKeys keys, BorrowedReference emptyInput)
    {
        _keys = keys;
        NewReference constants = PyApi.PyDict_New();
        if (constants.IsNull || !SetConstants(constants, settings, emptyInput))
        {
            throw new InvalidOperationException("cannot build the environ");
        }

        _constants = new HeldReference(constants);
    }

    /// <summary>An environ without header fields and all else that differs from request to request. NULL: a Python error is set.</summary>
    public NewReference Build(in RequestHead head, RequestCallables callables)
    {
        NewReference environ = PyApi.PyDict_Copy(_constants.Borrow());
        if (!environ.IsNull && SetCallables(environ, callables) && SetListener(environ, head) && SetServer(environ, head))
        {
            return environ;
        }

        environ.Dispose();
        return default;
    }

    /// <summary>SERVER_NAME and SERVER_PORT.</summary>
    public static bool SetServer(BorrowedReference environ, in RequestHead head)
    {
        ServerAddress address = ServerAddress.Of(head);
        return SetText(environ, "SERVER_NAME\0"u8, address.Name) && SetText(environ, "SERVER_PORT\0"u8, address.Port);
    }

    /// <summary>Puts a request's functions in.</summary>
    public bool SetCallables(BorrowedReference environ, RequestCallables callables) =>
        PyApi.PyDict_SetItem(environ, _keys.EarlyHints, callables.EarlyHints) == 0
        && PyApi.PyDict_SetItem(environ, _keys.ClientDisconnected, callables.ClientDisconnected) == 0;

    private bool SetConstants(BorrowedReference environ, WsgiSettings settings, BorrowedReference emptyInput)
    {
        BorrowedReference yes = new(PyApi.True);
        using NewReference empty = PythonText.FromLatin1(""u8);
        using NewReference one = PyApi.PyLong_FromLongLong(1);
        using NewReference zero = PyApi.PyLong_FromLongLong(0);
        using NewReference version = PyApi.PyTuple_New(2);
        using NewReference software = PythonText.FromLatin1(Encoding.ASCII.GetBytes(
            "darter/" + typeof(EnvironBuilder).Assembly.GetName().Version!.ToString(3)));
        if (version.IsNull || software.IsNull)
        {
            return false;
        }

        _ = PyApi.PyTuple_SetItem(version, 0, one.Borrow().ToNew().Steal());
        _ = PyApi.PyTuple_SetItem(version, 1, zero.Borrow().ToNew().Steal());

        // The request's own keys have their place already, so that setting them does not make a copy grow.
        return PyApi.PyDict_SetItem(environ, _keys.RequestMethod, empty) == 0
            && PyApi.PyDict_SetItem(environ, _keys.RawUri, empty) == 0
            && PyApi.PyDict_SetItem(environ, _keys.RequestUri, empty) == 0
            && PyApi.PyDict_SetItem(environ, _keys.PathInfo, empty) == 0
            && PyApi.PyDict_SetItem(environ, _keys.QueryString, empty) == 0
            && PyApi.PyDict_SetItem(environ, _keys.RemoteAddress, empty) == 0
            && PyApi.PyDict_SetItem(environ, _keys.RemotePort, empty) == 0
            && PyApi.PyDict_SetItem(environ, _keys.Input, emptyInput) == 0
            && Set(environ, "SCRIPT_NAME\0"u8, empty)
            && Set(environ, "SERVER_SOFTWARE\0"u8, software)
            && Set(environ, "wsgi.version\0"u8, version)
            && Set(environ, "wsgi.errors\0"u8, settings.Errors)
            && Set(environ, "wsgi.multithread\0"u8, settings.Multithread)
            && Set(environ, "wsgi.multiprocess\0"u8, settings.Multiprocess)
            && Set(environ, "wsgi.run_once\0"u8, new BorrowedReference(PyApi.False))
            && Set(environ, "wsgi.input_terminated\0"u8, yes)
            && Set(environ, "wsgi.file_wrapper\0"u8, settings.FileWrapper);
    }

    private static bool SetListener(BorrowedReference environ, in RequestHead head)
    {
        ReadOnlySpan<byte> protocol = head.Version switch
        {
            10 => "HTTP/1.0"u8,
            20 => "HTTP/2"u8,
            30 => "HTTP/3"u8,
            _ => "HTTP/1.1"u8,
        };

        return SetText(environ, "SERVER_PROTOCOL\0"u8, protocol)
            && SetText(environ, "wsgi.url_scheme\0"u8, head.IsHttps ? "https"u8 : "http"u8)
            && (!head.IsProxied || SetProxied(environ, head));
    }

    /// <summary>What Gunicorn's applications find of the PROXY protocol, beside REMOTE_ADDR.</summary>
    private static bool SetProxied(BorrowedReference environ, in RequestHead head)
    {
        bool isUnix = head.ServerPort == 0 && head.ServerHost.Contains((byte)'/');
        ServerAddress address = ServerAddress.Of(head);
        return SetText(environ, "PROXY_PROTOCOL\0"u8, isUnix ? "UNIX"u8 : head.ServerHost.Contains((byte)':') ? "TCP6"u8 : "TCP4"u8)
            && SetText(environ, "PROXY_ADDR\0"u8, head.ServerHost)
            && SetText(environ, "PROXY_PORT\0"u8, isUnix ? ""u8 : address.Port);
    }

    private static bool SetText(BorrowedReference environ, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        using NewReference text = PythonText.FromLatin1(value);
        return !text.IsNull && Set(environ, key, text);
    }

    private static bool Set(BorrowedReference environ, ReadOnlySpan<byte> key, BorrowedReference value)
    {
        using NewReference name = PythonText.Interned(key);
        return !name.IsNull && PyApi.PyDict_SetItem(environ, name, value) == 0;
    }
}
