using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;
using Darter.Wire;

namespace Darter.Gateway.Wsgi;

/// <summary>Sends what an application returned: a list or tuple of bytes, a file, or any iterable (PEP 3333).</summary>
internal sealed unsafe class ResponseBody(WsgiServer server, WsgiResponse response, WsgiRequest request, WsgiSettings settings)
{
    private readonly HeldReference _region = new(PythonText.Interned("region\0"u8));
    private readonly HeldReference _close = new(PythonText.Interned("close\0"u8));

    /// <summary>Sends it. <see cref="SendOutcome.Error"/>: a Python error is set and the stream has not ended.</summary>
    public SendOutcome Send(BorrowedReference result)
    {
        nint type = ObjectLayout.TypeOf(result);
        if (type == PyApi.PyList_Type)
        {
            return SendList(result, PyApi.PyList_Size(result));
        }

        if (type == PyApi.PyTuple_Type)
        {
            return SendTuple(result, PyApi.PyTuple_Size(result));
        }

        return type == settings.FileWrapper.Pointer ? SendFile(result) : SendIterable(result, type);
    }

    /// <summary>Calls the result's close(), if it has one. False: a Python error is set.</summary>
    public bool Close(BorrowedReference result)
    {
        nint type = ObjectLayout.TypeOf(result);
        if (type == PyApi.PyList_Type || type == PyApi.PyTuple_Type)
        {
            return true;
        }

        using NewReference close = PyApi.PyObject_GetAttr(result, _close.Borrow());
        if (close.IsNull)
        {
            if (!PythonError.Is(PyApi.PyExc_AttributeError))
            {
                return false;
            }

            PythonError.Clear();
            return true;
        }

        using NewReference nothing = PythonCall.Invoke(close);
        return !nothing.IsNull;
    }

    private SendOutcome SendList(BorrowedReference list, nint size)
    {
        if (size == 1)
        {
            return SendOnly(PyApi.PyList_GetItem(list, 0));
        }

        // While the response waits for its client another thread could change the list, not the tuple.
        using NewReference tuple = PyApi.PyList_AsTuple(list);
        return tuple.IsNull ? SendOutcome.Error : SendTuple(tuple, size);
    }

    private SendOutcome SendOnly(BorrowedReference item)
    {
        if (!IsStarted() || !IsBytes(item))
        {
            return SendOutcome.Error;
        }

        using NewReference kept = PyApi.PyBytes_Size(item) > ChannelFormat.MaxBodyChunk ? item.ToNew() : default;
        return response.Write(PythonText.BytesOf(item), isLast: true);
    }

    private SendOutcome SendTuple(BorrowedReference tuple, nint size)
    {
        long total = 0;
        if (!IsStarted())
        {
            return SendOutcome.Error;
        }

        for (nint i = 0; i < size; i++)
        {
            BorrowedReference item = PyApi.PyTuple_GetItem(tuple, i);
            if (!IsBytes(item))
            {
                return SendOutcome.Error;
            }

            total += PyApi.PyBytes_Size(item);
        }

        response.SetLength(total);
        return response.WriteAll(tuple, size, total);
    }

    private SendOutcome SendFile(BorrowedReference wrapper)
    {
        if (!IsStarted())
        {
            return SendOutcome.Error;
        }

        using NewReference method = PyApi.PyObject_GetAttr(wrapper, _region.Borrow());
        using NewReference region = method.IsNull ? default : PythonCall.Invoke(method);
        if (region.IsNull)
        {
            return SendOutcome.Error;
        }

        if (region.Borrow().IsNone)
        {
            return SendIterable(wrapper, 0);
        }

        int descriptor = (int)PyApi.PyLong_AsLongLong(PyApi.PyTuple_GetItem(region, 0));
        long offset = PyApi.PyLong_AsLongLong(PyApi.PyTuple_GetItem(region, 1));
        long length = PyApi.PyLong_AsLongLong(PyApi.PyTuple_GetItem(region, 2));
        return response.SendFile(descriptor, offset, length);
    }

    private SendOutcome SendIterable(BorrowedReference result, nint type)
    {
        bool isOnly = type != PyApi.PyGen_Type && HasOneItem(result);
        using NewReference iterator = PyApi.PyObject_GetIter(result);
        if (iterator.IsNull)
        {
            return SendOutcome.Error;
        }

        while (true)
        {
            using NewReference piece = PyApi.PyIter_Next(iterator);
            if (piece.IsNull)
            {
                return PythonError.IsSet || !IsStarted() ? SendOutcome.Error : response.Finish();
            }

            if (!IsBytes(piece))
            {
                return SendOutcome.Error;
            }

            ReadOnlySpan<byte> bytes = PythonText.BytesOf(piece);
            if (bytes.IsEmpty)
            {
                continue;
            }

            if (response.IsComplete)
            {
                response.LogTooLong();
                return SendOutcome.Complete;
            }

            if (request.IsCancelled)
            {
                response.Abort(AbortReason.Cancelled, "");
                return SendOutcome.Complete;
            }

            // The iterator goes on after the last byte: what an application does behind its last yield is to be done.
            if (!IsStarted() || response.Write(bytes, isOnly) == SendOutcome.Error)
            {
                return SendOutcome.Error;
            }

            if (response.IsBodyless)
            {
                return response.Finish();
            }

            if (!response.IsComplete)
            {
                server.FlushPiece();
            }
        }
    }

    private static bool HasOneItem(BorrowedReference result)
    {
        nint size = PyApi.PyObject_Size(result);
        if (size < 0)
        {
            PythonError.Clear();
        }

        return size == 1;
    }

    private bool IsStarted()
    {
        if (!response.IsStarted)
        {
            PythonError.Set(PyApi.PyExc_AssertionError, "the application did not call start_response before the body");
        }

        return response.IsStarted;
    }

    private static bool IsBytes(BorrowedReference piece) =>
        PythonText.IsBytes(piece) || ApplicationObject.IsInstance(piece, PyApi.PyBytes_Type, "each piece of the body", "bytes");
}
