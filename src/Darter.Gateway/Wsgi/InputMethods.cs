using Darter.CPython;
using Darter.CPython.Native;

namespace Darter.Gateway.Wsgi;

/// <summary>The methods of <c>wsgi.input</c>; they behave as those of a binary file that ends where the body ends.</summary>
internal static unsafe class InputMethods
{
    /// <summary>read(size=-1): that many bytes, fewer only at the end.</summary>
    public static NewReference Read(BorrowedReference self, nint* arguments, nint count) =>
        !TryBegin(self, "read", arguments, count, out InputReader? reader, out nint size) ? default
            : reader is null ? PythonText.Bytes(default) : reader.Read(size);

    /// <summary>read1(size=-1): what is there, at most that many bytes; waits only if nothing is.</summary>
    public static NewReference Read1(BorrowedReference self, nint* arguments, nint count) =>
        !TryBegin(self, "read1", arguments, count, out InputReader? reader, out nint size) ? default
            : reader is null ? PythonText.Bytes(default) : reader.ReadAvailable(size);

    /// <summary>readline(size=-1): up to and with the next line feed.</summary>
    public static NewReference ReadLine(BorrowedReference self, nint* arguments, nint count) =>
        !TryBegin(self, "readline", arguments, count, out InputReader? reader, out nint size) ? default
            : reader is null ? PythonText.Bytes(default) : reader.ReadLine(size);

    /// <summary>readlines(hint=-1): lines until the end, or until they have that many bytes.</summary>
    public static NewReference ReadLines(BorrowedReference self, nint* arguments, nint count)
    {
        if (!TryBegin(self, "readlines", arguments, count, out InputReader? reader, out nint hint))
        {
            return default;
        }

        NewReference lines = PyApi.PyList_New(0);
        if (lines.IsNull || reader is null)
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
        if (!TryGetReader(self, out InputReader? reader) || reader is null)
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

    /// <summary>Reads the one argument that a method may have and finds the reader. False: a Python error is set.</summary>
    private static bool TryBegin(BorrowedReference self, string method, nint* arguments, nint count, out InputReader? reader, out nint size)
    {
        reader = null;
        return TryGetSize(method, arguments, count, out size) && TryGetReader(self, out reader);
    }

    /// <summary>
    /// The reader of the request's body; null if there is none or the request is over: nothing to read. False: a Python
    /// error is set.
    /// </summary>
    private static bool TryGetReader(BorrowedReference self, out InputReader? reader)
    {
        WsgiServer? server = Ticket.Read(self, out long serial);
        if (server is null || server.Request.Serial != serial || server.Request.Body is null)
        {
            reader = null;
            return true;
        }

        reader = server.Input;
        return server.Admits(serial);
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
