using Darter.CPython;

namespace Darter.Gateway.Wsgi;

/// <summary>The environ's keys that Darter sets for each request, as interned str objects.</summary>
internal sealed class EnvironKeys
{
    private readonly HeldReference _requestMethod = new(PythonText.Interned("REQUEST_METHOD\0"u8));
    private readonly HeldReference _pathInfo = new(PythonText.Interned("PATH_INFO\0"u8));
    private readonly HeldReference _queryString = new(PythonText.Interned("QUERY_STRING\0"u8));
    private readonly HeldReference _rawUri = new(PythonText.Interned("RAW_URI\0"u8));
    private readonly HeldReference _requestUri = new(PythonText.Interned("REQUEST_URI\0"u8));
    private readonly HeldReference _remoteAddress = new(PythonText.Interned("REMOTE_ADDR\0"u8));
    private readonly HeldReference _remotePort = new(PythonText.Interned("REMOTE_PORT\0"u8));
    private readonly HeldReference _input = new(PythonText.Interned("wsgi.input\0"u8));
    private readonly HeldReference _earlyHints = new(PythonText.Interned("wsgi.early_hints\0"u8));
    private readonly HeldReference _clientDisconnected = new(PythonText.Interned("darter.client_disconnected\0"u8));

    /// <summary>REQUEST_METHOD.</summary>
    public BorrowedReference RequestMethod => _requestMethod.Borrow();

    /// <summary>PATH_INFO.</summary>
    public BorrowedReference PathInfo => _pathInfo.Borrow();

    /// <summary>QUERY_STRING.</summary>
    public BorrowedReference QueryString => _queryString.Borrow();

    /// <summary>RAW_URI, as Gunicorn has it.</summary>
    public BorrowedReference RawUri => _rawUri.Borrow();

    /// <summary>REQUEST_URI, the same as uWSGI and Apache have it.</summary>
    public BorrowedReference RequestUri => _requestUri.Borrow();

    /// <summary>REMOTE_ADDR.</summary>
    public BorrowedReference RemoteAddress => _remoteAddress.Borrow();

    /// <summary>REMOTE_PORT.</summary>
    public BorrowedReference RemotePort => _remotePort.Borrow();

    /// <summary>wsgi.input.</summary>
    public BorrowedReference Input => _input.Borrow();

    /// <summary>wsgi.early_hints.</summary>
    public BorrowedReference EarlyHints => _earlyHints.Borrow();

    /// <summary>darter.client_disconnected.</summary>
    public BorrowedReference ClientDisconnected => _clientDisconnected.Borrow();
}
