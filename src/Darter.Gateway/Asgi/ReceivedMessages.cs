using Darter.CPython;
using Darter.CPython.Native;

namespace Darter.Gateway.Asgi;

/// <summary>Makes the messages that receive() gives. Each is a new dict; NULL: a Python error is set.</summary>
internal sealed unsafe class ReceivedMessages
{
    private readonly InternedKeys _keys;
    private readonly HeldReference _httpRequest;
    private readonly HeldReference _httpDisconnect;
    private readonly HeldReference _webSocketConnect;
    private readonly HeldReference _webSocketReceive;
    private readonly HeldReference _webSocketPing;
    private readonly HeldReference _webSocketPong;
    private readonly HeldReference _webSocketDisconnect;

    /// <summary>Creates a factory.</summary>
    public ReceivedMessages(InternedKeys keys)
    {
        _keys = keys;
        _httpRequest = Template("http.request"u8);
        _httpDisconnect = Template("http.disconnect"u8);
        _webSocketConnect = Template("websocket.connect"u8);
        _webSocketReceive = Template("websocket.receive"u8);
        _webSocketPing = Template("websocket.ping"u8);
        _webSocketPong = Template("websocket.pong"u8);
        _webSocketDisconnect = Template("websocket.disconnect"u8);

        using NewReference empty = PythonText.Bytes(default);
        _ = PyApi.PyDict_SetItem(_httpRequest.Borrow(), keys.Body, empty);
        _ = PyApi.PyDict_SetItem(_httpRequest.Borrow(), keys.MoreBody, new BorrowedReference(PyApi.False));
    }

    /// <summary>http.request of a request without a body.</summary>
    public NewReference HttpRequest() => PyApi.PyDict_Copy(_httpRequest.Borrow());

    /// <summary>http.request with a piece of the body.</summary>
    public NewReference HttpRequest(ReadOnlySpan<byte> body, bool more)
    {
        using NewReference bytes = PythonText.Bytes(body);
        NewReference message = bytes.IsNull ? default : PyApi.PyDict_Copy(_httpRequest.Borrow());
        return Set(message, _keys.Body, bytes) && (!more || Set(message, _keys.MoreBody, new BorrowedReference(PyApi.True))) ? message : Drop(message);
    }

    /// <summary>http.disconnect.</summary>
    public NewReference HttpDisconnect() => PyApi.PyDict_Copy(_httpDisconnect.Borrow());

    /// <summary>websocket.connect.</summary>
    public NewReference WebSocketConnect() => PyApi.PyDict_Copy(_webSocketConnect.Borrow());

    /// <summary>websocket.receive with a str or bytes.</summary>
    public NewReference WebSocketReceive(BorrowedReference data, bool isText)
    {
        NewReference message = PyApi.PyDict_Copy(_webSocketReceive.Borrow());
        return Set(message, isText ? _keys.Text : _keys.Bytes, data) ? message : Drop(message);
    }

    /// <summary>websocket.ping or websocket.pong with bytes.</summary>
    public NewReference WebSocketControl(BorrowedReference data, bool isPing)
    {
        NewReference message = PyApi.PyDict_Copy((isPing ? _webSocketPing : _webSocketPong).Borrow());
        return Set(message, _keys.Bytes, data) ? message : Drop(message);
    }

    /// <summary>websocket.disconnect.</summary>
    public NewReference WebSocketDisconnect(ushort code, ReadOnlySpan<byte> reason)
    {
        using NewReference number = PyApi.PyLong_FromLongLong(code);
        using NewReference text = PythonText.FromUtf8(reason);
        NewReference message = PyApi.PyDict_Copy(_webSocketDisconnect.Borrow());
        return Set(message, _keys.Code, number) && Set(message, _keys.Reason, text) ? message : Drop(message);
    }

    private static bool Set(BorrowedReference message, BorrowedReference key, BorrowedReference value) =>
        !message.IsNull && !value.IsNull && PyApi.PyDict_SetItem(message, key, value) == 0;

    private static NewReference Drop(NewReference message)
    {
        message.Dispose();
        return default;
    }

    private HeldReference Template(ReadOnlySpan<byte> type)
    {
        using NewReference text = PythonText.FromLatin1(type);
        NewReference template = PyApi.PyDict_New();
        return Set(template, _keys.Type, text) ? new HeldReference(template) : throw new InvalidOperationException("out of memory");
    }
}
