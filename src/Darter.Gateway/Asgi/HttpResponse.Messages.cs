using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Native;
using Darter.Gateway.Runtime;
using Darter.Wire;

namespace Darter.Gateway.Asgi;

/// <summary>The messages of which a response consists.</summary>
internal sealed unsafe partial class HttpResponse
{
    private const string Complete = "the response is complete";

    /// <summary>Type, status and headers: what a start without anything special has.</summary>
    private const nint UsualKeys = 3;

    /// <summary>http.response.start. False: a Python error is set.</summary>
    public bool TryStart(ReadOnlySpan<byte> type, BorrowedReference message)
    {
        InternedKeys keys = server.Keys;
        if (Phase != ResponsePhase.Start)
        {
            return AsgiExchange.RaiseUnexpected(type, Phase == ResponsePhase.Complete ? Complete : "the response was started before");
        }

        if (!MessageReader.TryGet(message, keys.Status, out BorrowedReference status)
            || !MessageReader.TryGetInteger(status, "the status", out long code)
            || !MessageReader.TryGetFlag(message, keys.Trailers, out bool hasTrailers)
            || !MessageReader.TryGet(message, keys.Headers, out BorrowedReference headers))
        {
            return false;
        }

        _reason = [];
        if (PyApi.PyDict_Size(message) > UsualKeys && !TryGetReason(message))
        {
            return false;
        }

        if (code is < 200 or > 999)
        {
            PythonError.Set(PyApi.PyExc_ValueError, "the status of a response must be from 200 to 999");
            return false;
        }

        _headers ??= server.RentHeaders();
        _headers.Clear();
        _headers.KeepsTrailer = hasTrailers;
        if (!_headers.TryAddAll(headers))
        {
            return false;
        }

        if (hasTrailers && !_headers.HasTrailer)
        {
            _headers.Add("trailer"u8, default);
        }

        if (_headers.DroppedField)
        {
            server.LogDroppedField();
        }

        _status = (int)code;
        _hasTrailers = hasTrailers;
        _contentLength = _headers.ContentLength;
        Phase = ResponsePhase.Body;
        return true;
    }

    /// <summary>
    /// A reason phrase, which is none of ASGI's: Tornado's applications have them. False: it is none, and a Python error is set.
    /// </summary>
    private bool TryGetReason(BorrowedReference message)
    {
        if (!MessageReader.TryGetBytes(message, server.Keys.Reason, "the reason", out NewReference reason))
        {
            return false;
        }

        if (reason.IsNull)
        {
            return true;
        }

        // RFC 9112, section 4: text, spaces and tabs.
        ReadOnlySpan<byte> text = PythonText.BytesOf(reason);
        bool isValid = text.Length <= byte.MaxValue;
        foreach (byte character in text)
        {
            isValid &= character is (>= 0x20 or (byte)'\t') and not 0x7f;
        }

        _reason = isValid ? text.ToArray() : [];
        reason.Dispose();
        if (!isValid)
        {
            PythonError.Set(PyApi.PyExc_ValueError, "the reason must be one line of at most 255 bytes");
        }

        return isValid;
    }

    /// <summary>http.response.body. False: a Python error is set.</summary>
    public bool TryBody(ReadOnlySpan<byte> type, BorrowedReference message)
    {
        InternedKeys keys = server.Keys;
        if (!IsBodyExpected(type)
            || !MessageReader.TryGetFlag(message, keys.MoreBody, out bool more)
            || !MessageReader.TryGetBytes(message, keys.Body, "the body", out NewReference body))
        {
            return false;
        }

        BodyGiven(more);
        Send(body.IsNull ? default : PythonText.BytesOf(body), body, !more);
        body.Dispose();
        return true;
    }

    /// <summary>http.response.zerocopysend: a part of the body from an open file. False: a Python error is set.</summary>
    public bool TryZeroCopySend(ReadOnlySpan<byte> type, BorrowedReference message)
    {
        if (!IsBodyExpected(type)
            || !MessageReader.TryGetFlag(message, server.Keys.MoreBody, out bool more)
            || !TryGetRegion(server.Settings.FileRegion, message, out int descriptor, out long offset, out long length))
        {
            return false;
        }

        // The application may close its file as soon as send() returns.
        int own = LibC.fcntl(descriptor, LibC.F_DUPFD_CLOEXEC, 0);
        if (own < 0)
        {
            PythonError.Set(PyApi.PyExc_OSError, "cannot duplicate the file's descriptor");
            return false;
        }

        BodyGiven(more);
        SendFile(own, offset, length, !more);
        return true;
    }

    /// <summary>http.response.pathsend: the whole body from the file of a path. False: a Python error is set.</summary>
    public bool TryPathSend(ReadOnlySpan<byte> type, BorrowedReference message)
    {
        if (!IsBodyExpected(type))
        {
            return false;
        }

        if (_isHeadSent)
        {
            return AsgiExchange.RaiseUnexpected(type, "the response has a body already");
        }

        if (!TryGetRegion(server.Settings.PathRegion, message, out int descriptor, out long offset, out long length))
        {
            return false;
        }

        BodyGiven(more: false);
        SendFile(descriptor, offset, length, isLast: true);
        return true;
    }

    /// <summary>http.response.trailers. False: a Python error is set.</summary>
    public bool TryTrailers(ReadOnlySpan<byte> type, BorrowedReference message)
    {
        if (Phase != ResponsePhase.Trailers)
        {
            return AsgiExchange.RaiseUnexpected(type, Phase == ResponsePhase.Complete ? Complete : "the body is not complete, or no trailers were announced");
        }

        if (!MessageReader.TryGetFlag(message, server.Keys.MoreTrailers, out bool more)
            || !MessageReader.TryGet(message, server.Keys.Headers, out BorrowedReference headers))
        {
            return false;
        }

        _trailers ??= server.RentHeaders();
        if (!_trailers.TryAddAll(headers))
        {
            return false;
        }

        if (!more)
        {
            Phase = ResponsePhase.Complete;
            EndIfDone();
        }

        return true;
    }

    /// <summary>http.response.early_hint: 103 (RFC 8297). False: a Python error is set.</summary>
    public bool TryEarlyHint(ReadOnlySpan<byte> type, BorrowedReference message)
    {
        if (Phase == ResponsePhase.Complete)
        {
            return AsgiExchange.RaiseUnexpected(type, Complete);
        }

        if (!MessageReader.TryGet(message, server.Keys.Links, out BorrowedReference links))
        {
            return false;
        }

        AsgiHeaders headers = server.RentHeaders();
        bool isValid = links.IsNull || TryAddLinks(headers, links);

        // After the final head there is no place for a hint any more.
        if (isValid && !_isHeadSent && headers.Block.Length > 2)
        {
            Span<byte> payload = Channel.Writer.Begin(ResponseHead.FixedSize + headers.Block.Length);
            int length = ResponseHead.Write(payload, 103, default, 0);
            headers.Block.CopyTo(payload[length..]);
            Channel.Writer.Complete(FrameType.Informational, FrameFlags.None, exchange.Stream, length + headers.Block.Length);
        }

        server.ReturnHeaders(headers);
        return isValid;
    }

    /// <summary>http.response.debug: checked, and not sent to anybody. False: a Python error is set.</summary>
    public bool TryDebug(ReadOnlySpan<byte> type, BorrowedReference message)
    {
        if (Phase != ResponsePhase.Start)
        {
            return AsgiExchange.RaiseUnexpected(type, "the response was started before");
        }

        return MessageReader.TryGet(message, server.Keys.Info, out BorrowedReference info)
            && ApplicationObject.IsInstance(info.IsNull ? new BorrowedReference(PyApi.None) : info, PyApi.PyDict_Type, "the info", "a dict");
    }

    private static bool TryAddLinks(AsgiHeaders headers, BorrowedReference links)
    {
        using NewReference list = PyApi.PySequence_List(links);
        if (list.IsNull)
        {
            return false;
        }

        for (nint i = 0; i < PyApi.PyList_Size(list); i++)
        {
            if (!headers.TryAddValue("link"u8, PyApi.PyList_GetItem(list, i)))
            {
                return false;
            }
        }

        return true;
    }

    private bool IsBodyExpected(ReadOnlySpan<byte> type) => Phase switch
    {
        ResponsePhase.Body => true,
        ResponsePhase.Start => AsgiExchange.RaiseUnexpected(type, "the response has not been started"),
        ResponsePhase.Trailers => AsgiExchange.RaiseUnexpected(type, "the body is complete"),
        _ => AsgiExchange.RaiseUnexpected(type, Complete),
    };

    /// <summary>The next part of the body is here: what comes after it?</summary>
    private void BodyGiven(bool more) => Phase = more ? ResponsePhase.Body : _hasTrailers ? ResponsePhase.Trailers : ResponsePhase.Complete;

    private static bool TryGetRegion(BorrowedReference function, BorrowedReference message, out int descriptor, out long offset, out long length)
    {
        descriptor = -1;
        offset = length = 0;
        using NewReference region = PythonCall.Invoke(function, message);
        if (region.IsNull)
        {
            return false;
        }

        descriptor = (int)PyApi.PyLong_AsLongLong(PyApi.PyTuple_GetItem(region, 0));
        offset = PyApi.PyLong_AsLongLong(PyApi.PyTuple_GetItem(region, 1));
        length = PyApi.PyLong_AsLongLong(PyApi.PyTuple_GetItem(region, 2));
        return true;
    }
}
