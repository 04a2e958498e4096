using Darter.CPython;
using Darter.CPython.Native;

namespace Darter.Gateway.Wsgi;

/// <summary>The methods of <c>wsgi.input</c>; they behave as those of a binary file that ends where the body ends.</summary>
internal static unsafe class InputMethods
{
    /// <summary>read(size=-1): that many bytes, fewer only at the end.</summary>
    public static NewReference Read(BorrowedReference self, nint* arguments, nint count) =>
        TryGetSize("read", arguments, count, out nint size)
            ? Reader(self) is { } reader ? reader.Read(size) : PythonText.Bytes(default)
            : default;

    /// <summary>read1(size=-1): what is there, at most that many bytes; waits only if nothing is.</summary>
    public static NewReference Read1(BorrowedReference self, nint* arguments, nint count) =>
        TryGetSize("read1", arguments, count, out nint size)
            ? Reader(self) is { } reader ? reader.ReadAvailable(size) : PythonText.Bytes(default)
            : default;

    /// <summary>readline(size=-1): up to and with the next line feed.</summary>
    public static NewReference ReadLine(BorrowedReference self, nint* arguments, nint count) =>
        TryGetSize("readline", arguments, count, out nint size)
            ? Reader(self) is { } reader ? reader.ReadLine(size) : PythonText.Bytes(default)
            : default;

    /// <summary>readlines(hint=-1): lines until the end, or until they have that many bytes.</summary>
    public static NewReference ReadLines(BorrowedReference self, nint* arguments, nint count)
    {
        if (!TryGetSize("readlines", arguments, count, out nint hint))
        {
            return default;
        }

        NewReference lines = PyApi.PyList_New(0);
        if (lines.IsNull || Reader(self) is not { } reader)
        {
            return lines;
        }

        nint total = 0;
        while (hint <= 0 || total < hint)
        {
            using NewReference line = reader.ReadLine(-1);
            if (line.IsNull || (PyApi.PyBytes_Size(line) > 0 && PyApi.PyList_Append(lines, line) != 0))
            {
                lines.Dispose();
                return default;
            }

            if (PyApi.PyBytes_Size(line) == 0)
            {
                break;
            }

            total += PyApi.PyBytes_Size(line);
        }

        return lines;
    }

    /// <summary>close(): nothing; the body belongs to the server.</summary>
    public static NewReference Close(BorrowedReference self) => new BorrowedReference(PyApi.None).ToNew();

    /// <summary>The next line; NULL without an error at the end, as an iterator says it.</summary>
    public static NewReference Next(BorrowedReference self)
    {
        if (Reader(self) is not { } reader)
        {
            return default;
        }

        NewReference line = reader.ReadLine(-1);
        if (line.IsNull || PyApi.PyBytes_Size(line) > 0)
        {
            return line;
        }

        line.Dispose();
        return default;
    }

    /// <summary>The reader of the request's body; null if there is none or the request is over: nothing to read.</summary>
    private static InputReader? Reader(BorrowedReference self)
    {
        WsgiServer? server = Ticket.Read(self, out long serial);
        return server is not null && server.Request.Serial == serial && server.Request.Body is not null ? server.Input : null;
    }

    private static bool TryGetSize(string method, nint* arguments, nint count, out nint size)
    {
        size = -1;
        if (count > 1)
        {
            PythonError.Set(PyApi.PyExc_TypeError, $"{method} takes at most one argument");
            return false;
        }

        if (count == 0 || arguments[0] == PyApi.None)
        {
            return true;
        }

        size = PyApi.PyNumber_AsSsize_t(new BorrowedReference(arguments[0]), new BorrowedReference(PyApi.PyExc_OverflowError));
        return size != -1 || !PythonError.IsSet;
    }
}
