using Darter.CPython;
using Darter.CPython.Native;

namespace Darter.Gateway.Wsgi;

/// <summary>What the bootstrap hands over: objects written in Python, and how the worker is run.</summary>
internal sealed unsafe class WsgiSettings
{
    private HeldReference _errors;
    private HeldReference _fileWrapper;
    private HeldReference _clientDisconnected;
    private HeldReference _report;
    private HeldReference _multithread;
    private HeldReference _multiprocess;

    private WsgiSettings()
    {
    }

    /// <summary>The value of <c>wsgi.errors</c>.</summary>
    public BorrowedReference Errors => _errors.Borrow();

    /// <summary>The class behind <c>wsgi.file_wrapper</c>.</summary>
    public BorrowedReference FileWrapper => _fileWrapper.Borrow();

    /// <summary>The exception raised when the client is gone.</summary>
    public BorrowedReference ClientDisconnected => _clientDisconnected.Borrow();

    /// <summary>Function (method, path, type, value, traceback) that reports an application's exception.</summary>
    public BorrowedReference Report => _report.Borrow();

    /// <summary>The value of <c>wsgi.multithread</c>.</summary>
    public BorrowedReference Multithread => _multithread.Borrow();

    /// <summary>The value of <c>wsgi.multiprocess</c>.</summary>
    public BorrowedReference Multiprocess => _multiprocess.Borrow();

    /// <summary>Reads them from attributes of an object. Null: a Python error is set.</summary>
    public static WsgiSettings? Read(BorrowedReference source)
    {
        WsgiSettings settings = new();
        return Get(source, "errors"u8, ref settings._errors)
            && Get(source, "file_wrapper"u8, ref settings._fileWrapper)
            && Get(source, "client_disconnected"u8, ref settings._clientDisconnected)
            && Get(source, "report"u8, ref settings._report)
            && Get(source, "multithread"u8, ref settings._multithread)
            && Get(source, "multiprocess"u8, ref settings._multiprocess)
            ? settings
            : null;
    }

    private static bool Get(BorrowedReference source, ReadOnlySpan<byte> name, ref HeldReference field)
    {
        fixed (byte* pointer = name)
        {
            field.Set(PyApi.PyObject_GetAttrString(source, pointer));
        }

        return !field.IsNull;
    }
}
