using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;

namespace Darter.Gateway.Wsgi;

/// <summary>What happens when an application calls one of its request's functions.</summary>
internal static unsafe class RequestCalls
{
    /// <summary>start_response(status, headers, exc_info=None).</summary>
    public static NewReference StartResponse(BorrowedReference self, nint* arguments, nint count, BorrowedReference names)
    {
        WsgiServer? server = Server(self);
        if (server is null)
        {
            return default;
        }

        nint total = count + (names.IsNull ? 0 : PyApi.PyTuple_Size(names));
        if (count > 3 || total is < 2 or > 3 || !InOrder(names, count))
        {
            return PythonError.Raise(PyApi.PyExc_TypeError, "start_response takes (status, headers, exc_info=None)");
        }

        BorrowedReference excInfo = total == 3 ? new BorrowedReference(arguments[2]) : new BorrowedReference(PyApi.None);
        WsgiResponse response = server.Response;
        if (!excInfo.IsNone)
        {
            if (response.IsHeadSent)
            {
                return Reraise(excInfo);
            }
        }
        else if (response.IsStarted)
        {
            return PythonError.Raise(PyApi.PyExc_AssertionError, "start_response was called a second time without exc_info");
        }

        return response.TryStart(new BorrowedReference(arguments[0]), new BorrowedReference(arguments[1]))
            ? server.Callables.Write.ToNew()
            : default;
    }

    /// <summary>write(data).</summary>
    public static NewReference Write(BorrowedReference self, nint* arguments, nint count)
    {
        WsgiServer? server = Server(self);
        if (server is null)
        {
            return default;
        }

        if (count != 1)
        {
            return PythonError.Raise(PyApi.PyExc_TypeError, "write takes one argument");
        }

        BorrowedReference data = new(arguments[0]);
        if (!PythonText.IsBytes(data) && !ApplicationObject.IsInstance(data, PyApi.PyBytes_Type, "each piece of the body", "bytes"))
        {
            return default;
        }

        if (!server.Response.IsStarted)
        {
            return PythonError.Raise(PyApi.PyExc_AssertionError, "write was called before start_response");
        }

        return server.Write(data) ? new BorrowedReference(PyApi.None).ToNew() : default;
    }

    /// <summary>early_hints([(name, value), ...]).</summary>
    public static NewReference EarlyHints(BorrowedReference self, nint* arguments, nint count)
    {
        WsgiServer? server = Server(self);
        if (server is null)
        {
            return default;
        }

        if (count != 1)
        {
            return PythonError.Raise(PyApi.PyExc_TypeError, "early_hints takes one argument");
        }

        if (server.Response.IsHeadSent)
        {
            return PythonError.Raise(PyApi.PyExc_RuntimeError, "early_hints was called after the response had begun");
        }

        return server.SendEarlyHints(new BorrowedReference(arguments[0])) ? new BorrowedReference(PyApi.None).ToNew() : default;
    }

    /// <summary>client_disconnected() → bool; True also when the request is over.</summary>
    public static NewReference ClientDisconnected(BorrowedReference self)
    {
        WsgiServer server = Ticket.Read(self, out long serial)!;
        bool gone = server.Request.Serial != serial || server.Request.IsClientGone;
        return new BorrowedReference(gone ? PyApi.True : PyApi.False).ToNew();
    }

    private static WsgiServer? Server(BorrowedReference self)
    {
        // Only C# makes these functions, so their ticket always has a server.
        WsgiServer server = Ticket.Read(self, out long serial)!;
        return server.Admits(serial) ? server : null;
    }

    /// <summary>Whether the names of keyword arguments are those of the arguments from <paramref name="first"/> on.</summary>
    private static bool InOrder(BorrowedReference names, nint first)
    {
        for (nint i = 0; !names.IsNull && i < PyApi.PyTuple_Size(names); i++)
        {
            ReadOnlySpan<byte> expected = (first + i) switch
            {
                0 => "status"u8,
                1 => "headers"u8,
                _ => "exc_info"u8,
            };
            if (!PythonText.TryGetUtf8(PyApi.PyTuple_GetItem(names, i), out ReadOnlySpan<byte> name) || !name.SequenceEqual(expected))
            {
                PythonError.Clear();
                return false;
            }
        }

        return true;
    }

    /// <summary>Raises the exception of exc_info: the head was sent, nothing else can be done (PEP 3333).</summary>
    private static NewReference Reraise(BorrowedReference excInfo)
    {
        if (ObjectLayout.TypeOf(excInfo) != PyApi.PyTuple_Type || PyApi.PyTuple_Size(excInfo) != 3)
        {
            return PythonError.Raise(PyApi.PyExc_TypeError, "exc_info must be a tuple (type, value, traceback)");
        }

        BorrowedReference traceback = PyApi.PyTuple_GetItem(excInfo, 2);
        PyApi.PyErr_Restore(
            PyApi.PyTuple_GetItem(excInfo, 0).ToNew().Steal(),
            PyApi.PyTuple_GetItem(excInfo, 1).ToNew().Steal(),
            traceback.IsNone ? default : traceback.ToNew().Steal());
        return default;
    }
}
