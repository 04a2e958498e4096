using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;
using Darter.Wire;

namespace Darter.Gateway.Asgi;

/// <summary>The messages that the application sends.</summary>
internal sealed unsafe partial class WebSocketExchange
{
    /// <summary>Longest reason of a close in bytes (RFC 6455, section 5.5).</summary>
    private const int MaxReason = CloseMessage.MaxSize - 2;

    /// <inheritdoc/>
    protected override bool TrySend(ReadOnlySpan<byte> type, BorrowedReference message)
    {
        if (IsDisconnected)
        {
            return RaiseDisconnected();
        }

        return type switch
        {
            _ when type.SequenceEqual("websocket.send"u8) => TrySendData(type, message),
            _ when type.SequenceEqual("websocket.accept"u8) => TryAccept(type, message),
            _ when type.SequenceEqual("websocket.ping"u8) => TryPing(type, message),
            _ when type.SequenceEqual("websocket.close"u8) => TryClose(type, message),
            _ when type.SequenceEqual("websocket.http.response.start"u8) => TryDeny(type, message),
            _ when type.SequenceEqual("websocket.http.response.body"u8) => TryDenyBody(type, message),
            _ => RaiseUnexpected(type, "a WebSocket has no such message"),
        };
    }

    private bool TryAccept(ReadOnlySpan<byte> type, BorrowedReference message)
    {
        if (_phase != WebSocketPhase.Handshake)
        {
            return RaiseOutOfOrder(type);
        }

        if (!MessageReader.TryGet(message, Server.Keys.Subprotocol, out BorrowedReference subprotocol)
            || !MessageReader.TryGet(message, Server.Keys.Headers, out BorrowedReference fields)
            || !MessageReader.TryGetFlag(message, Server.Keys.Pings, out bool watchesPings))
        {
            return false;
        }

        AsgiHeaders headers = Server.RentHeaders();
        bool isValid = (subprotocol.IsNull || TryAddSubprotocol(headers, subprotocol)) && headers.TryAddAll(fields);
        if (isValid)
        {
            Span<byte> payload = Server.Channel.Writer.Begin(ResponseHead.FixedSize + headers.Block.Length);
            int length = ResponseHead.Write(payload, 101, default, 0);
            headers.Block.CopyTo(payload[length..]);
            Server.Channel.Writer.Complete(FrameType.Response, FrameFlags.None, Stream, length + headers.Block.Length);
            if (watchesPings)
            {
                Server.Channel.Writer.Write(FrameType.Message, FrameFlags.End, Stream, [(byte)MessageKind.WatchPings]);
            }

            _phase = WebSocketPhase.Open;
        }

        Server.ReturnHeaders(headers);
        return isValid;
    }

    private static bool TryAddSubprotocol(AsgiHeaders headers, BorrowedReference subprotocol)
    {
        if (!ApplicationObject.IsInstance(subprotocol, PyApi.PyUnicode_Type, "the subprotocol", "a str")
            || !PythonText.TryGetUtf8(subprotocol, out ReadOnlySpan<byte> text))
        {
            return false;
        }

        if (!ResponseFields.IsToken(text))
        {
            PythonError.Set(PyApi.PyExc_ValueError, "the subprotocol is not a token");
            return false;
        }

        headers.Add("sec-websocket-protocol"u8, text);
        return true;
    }

    private bool TrySendData(ReadOnlySpan<byte> type, BorrowedReference message)
    {
        if (_phase != WebSocketPhase.Open)
        {
            return RaiseOutOfOrder(type);
        }

        if (!MessageReader.TryGetBytes(message, Server.Keys.Bytes, "the bytes of a message", out NewReference bytes))
        {
            return false;
        }

        if (!bytes.IsNull)
        {
            _output.Send(MessageKind.Binary, bytes, PythonText.BytesOf(bytes));
            bytes.Dispose();
            return true;
        }

        if (!MessageReader.TryGet(message, Server.Keys.Text, out BorrowedReference text))
        {
            return false;
        }

        if (text.IsNull)
        {
            PythonError.Set(PyApi.PyExc_ValueError, "the message has neither bytes nor a text");
            return false;
        }

        if (!ApplicationObject.IsInstance(text, PyApi.PyUnicode_Type, "the text of a message", "a str") || !PythonText.TryGetUtf8(text, out ReadOnlySpan<byte> utf8))
        {
            return false;
        }

        _output.Send(MessageKind.Text, text, utf8);
        return true;
    }

    private bool TryPing(ReadOnlySpan<byte> type, BorrowedReference message)
    {
        if (_phase != WebSocketPhase.Open)
        {
            return RaiseOutOfOrder(type);
        }

        if (!MessageReader.TryGetBytes(message, Server.Keys.Bytes, "the bytes of a ping", out NewReference bytes))
        {
            return false;
        }

        ReadOnlySpan<byte> payload = bytes.IsNull ? default : PythonText.BytesOf(bytes);
        bool isShort = !bytes.IsNull && payload.Length <= CloseMessage.MaxSize;
        if (isShort)
        {
            _output.Send(MessageKind.Ping, bytes, payload);
        }
        else
        {
            PythonError.Set(PyApi.PyExc_ValueError, $"a ping has bytes, at most {CloseMessage.MaxSize} (RFC 6455, section 5.5)");
        }

        bytes.Dispose();
        return isShort;
    }

    private bool TryClose(ReadOnlySpan<byte> type, BorrowedReference message)
    {
        if (_phase is WebSocketPhase.Closed or WebSocketPhase.Denied)
        {
            return RaiseOutOfOrder(type);
        }

        if (!MessageReader.TryGet(message, Server.Keys.Code, out BorrowedReference codeObject)
            || !MessageReader.TryGet(message, Server.Keys.Reason, out BorrowedReference reasonObject))
        {
            return false;
        }

        long code = 1000;
        ReadOnlySpan<byte> reason = default;
        if ((!codeObject.IsNull && !MessageReader.TryGetInteger(codeObject, "the close code", out code))
            || (!reasonObject.IsNull
                && !(ApplicationObject.IsInstance(reasonObject, PyApi.PyUnicode_Type, "the reason", "a str") && PythonText.TryGetUtf8(reasonObject, out reason))))
        {
            return false;
        }

        if (code is not ((>= 1000 and <= 1014 and not (1004 or Lost or 1005)) or (>= 3000 and <= 4999)) || reason.Length > MaxReason)
        {
            PythonError.Set(PyApi.PyExc_ValueError, reason.Length > MaxReason
                ? $"the reason of a close has at most {MaxReason} bytes"
                : $"{code} is not a close code that can be sent");
            return false;
        }

        if (_phase == WebSocketPhase.Handshake)
        {
            Denial().SendEmpty(403);
        }
        else
        {
            _output.Close((ushort)code, reason);
            _closeCode = (ushort)code;
            _closeReason = reason.ToArray();
        }

        _phase = WebSocketPhase.Closed;
        _input.End();
        Waiting(AwaitedKind.Receive).Wake();
        return true;
    }

    private bool TryDeny(ReadOnlySpan<byte> type, BorrowedReference message)
    {
        if (_phase != WebSocketPhase.Handshake)
        {
            return RaiseOutOfOrder(type);
        }

        if (!Denial().TryStart(type, message))
        {
            return false;
        }

        _phase = WebSocketPhase.Denied;
        return true;
    }

    private bool TryDenyBody(ReadOnlySpan<byte> type, BorrowedReference message)
    {
        if (_phase != WebSocketPhase.Denied)
        {
            return RaiseOutOfOrder(type);
        }

        if (!_denial!.TryBody(type, message))
        {
            return false;
        }

        if (_denial.Phase == ResponsePhase.Complete)
        {
            _phase = WebSocketPhase.Closed;
            Waiting(AwaitedKind.Receive).Wake();
        }

        return true;
    }

    private bool RaiseOutOfOrder(ReadOnlySpan<byte> type) => RaiseUnexpected(type, _phase switch
    {
        WebSocketPhase.Handshake => "the WebSocket has not been accepted",
        WebSocketPhase.Open => "the WebSocket has been accepted",
        WebSocketPhase.Denied => "the handshake is answered by a response",
        _ => "the WebSocket is closed",
    });
}
