using Darter.CPython;

namespace Darter.Gateway.Asgi;

/// <summary>Keys of scopes and messages as interned str objects.</summary>
internal sealed class InternedKeys
{
    private readonly HeldReference _type = new(PythonText.Interned("type\0"u8));
    private readonly HeldReference _method = new(PythonText.Interned("method\0"u8));
    private readonly HeldReference _path = new(PythonText.Interned("path\0"u8));
    private readonly HeldReference _rawPath = new(PythonText.Interned("raw_path\0"u8));
    private readonly HeldReference _queryString = new(PythonText.Interned("query_string\0"u8));
    private readonly HeldReference _client = new(PythonText.Interned("client\0"u8));
    private readonly HeldReference _headers = new(PythonText.Interned("headers\0"u8));
    private readonly HeldReference _subprotocols = new(PythonText.Interned("subprotocols\0"u8));
    private readonly HeldReference _state = new(PythonText.Interned("state\0"u8));
    private readonly HeldReference _extensions = new(PythonText.Interned("extensions\0"u8));
    private readonly HeldReference _status = new(PythonText.Interned("status\0"u8));
    private readonly HeldReference _trailers = new(PythonText.Interned("trailers\0"u8));
    private readonly HeldReference _body = new(PythonText.Interned("body\0"u8));
    private readonly HeldReference _moreBody = new(PythonText.Interned("more_body\0"u8));
    private readonly HeldReference _moreTrailers = new(PythonText.Interned("more_trailers\0"u8));
    private readonly HeldReference _links = new(PythonText.Interned("links\0"u8));
    private readonly HeldReference _info = new(PythonText.Interned("info\0"u8));
    private readonly HeldReference _bytes = new(PythonText.Interned("bytes\0"u8));
    private readonly HeldReference _text = new(PythonText.Interned("text\0"u8));
    private readonly HeldReference _subprotocol = new(PythonText.Interned("subprotocol\0"u8));
    private readonly HeldReference _pings = new(PythonText.Interned("pings\0"u8));
    private readonly HeldReference _code = new(PythonText.Interned("code\0"u8));
    private readonly HeldReference _reason = new(PythonText.Interned("reason\0"u8));
    private readonly HeldReference _done = new(PythonText.Interned("done\0"u8));
    private readonly HeldReference _exception = new(PythonText.Interned("exception\0"u8));
    private readonly HeldReference _addDoneCallback = new(PythonText.Interned("add_done_callback\0"u8));
    private readonly HeldReference _cancel = new(PythonText.Interned("cancel\0"u8));
    private readonly HeldReference _callSoon = new(PythonText.Interned("call_soon\0"u8));
    private readonly HeldReference _self = new(PythonText.Interned("__self__\0"u8));

    public BorrowedReference Type => _type.Borrow();

    public BorrowedReference Method => _method.Borrow();

    public BorrowedReference Path => _path.Borrow();

    public BorrowedReference RawPath => _rawPath.Borrow();

    public BorrowedReference QueryString => _queryString.Borrow();

    public BorrowedReference Client => _client.Borrow();

    public BorrowedReference Headers => _headers.Borrow();

    public BorrowedReference Subprotocols => _subprotocols.Borrow();

    public BorrowedReference State => _state.Borrow();

    public BorrowedReference Extensions => _extensions.Borrow();

    public BorrowedReference Status => _status.Borrow();

    public BorrowedReference Trailers => _trailers.Borrow();

    public BorrowedReference Body => _body.Borrow();

    public BorrowedReference MoreBody => _moreBody.Borrow();

    public BorrowedReference MoreTrailers => _moreTrailers.Borrow();

    public BorrowedReference Links => _links.Borrow();

    public BorrowedReference Info => _info.Borrow();

    public BorrowedReference Bytes => _bytes.Borrow();

    public BorrowedReference Text => _text.Borrow();

    public BorrowedReference Subprotocol => _subprotocol.Borrow();

    public BorrowedReference Pings => _pings.Borrow();

    public BorrowedReference Code => _code.Borrow();

    public BorrowedReference Reason => _reason.Borrow();

    public BorrowedReference Done => _done.Borrow();

    public BorrowedReference Exception => _exception.Borrow();

    public BorrowedReference AddDoneCallback => _addDoneCallback.Borrow();

    public BorrowedReference Cancel => _cancel.Borrow();

    public BorrowedReference CallSoon => _callSoon.Borrow();

    public BorrowedReference Self => _self.Borrow();
}
