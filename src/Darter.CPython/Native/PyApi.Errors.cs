namespace Darter.CPython.Native;

public static unsafe partial class PyApi
{
    /// <summary>BaseException.</summary>
    public static nint PyExc_BaseException { get; private set; }

    /// <summary>BaseException's subclass SystemExit.</summary>
    public static nint PyExc_SystemExit { get; private set; }

    /// <summary>KeyboardInterrupt.</summary>
    public static nint PyExc_KeyboardInterrupt { get; private set; }

    /// <summary>AttributeError.</summary>
    public static nint PyExc_AttributeError { get; private set; }

    /// <summary>TypeError.</summary>
    public static nint PyExc_TypeError { get; private set; }

    /// <summary>ValueError.</summary>
    public static nint PyExc_ValueError { get; private set; }

    /// <summary>OverflowError.</summary>
    public static nint PyExc_OverflowError { get; private set; }

    /// <summary>OSError.</summary>
    public static nint PyExc_OSError { get; private set; }

    /// <summary>RuntimeError.</summary>
    public static nint PyExc_RuntimeError { get; private set; }

    /// <summary>AssertionError.</summary>
    public static nint PyExc_AssertionError { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, byte*, void> PyErr_SetString { get; private set; }

    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<BorrowedReference> PyErr_Occurred { get; private set; }

    public static delegate* unmanaged[Cdecl]<nint*, nint*, nint*, void> PyErr_Fetch { get; private set; }

    public static delegate* unmanaged[Cdecl]<nint*, nint*, nint*, void> PyErr_NormalizeException { get; private set; }

    public static delegate* unmanaged[Cdecl]<StolenReference, StolenReference, StolenReference, void> PyErr_Restore { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, int> PyErr_ExceptionMatches { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, BorrowedReference, int> PyErr_GivenExceptionMatches { get; private set; }

    public static delegate* unmanaged[Cdecl]<void> PyErr_Clear { get; private set; }

    public static delegate* unmanaged[Cdecl]<int> PyErr_CheckSignals { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, void> PyErr_WriteUnraisable { get; private set; }

    /// <summary>StopIteration.</summary>
    public static nint PyExc_StopIteration { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, BorrowedReference, void> PyErr_SetObject { get; private set; }

    private static void LoadErrors()
    {
        PyExc_BaseException = ExportedPointer(nameof(PyExc_BaseException));
        PyExc_SystemExit = ExportedPointer(nameof(PyExc_SystemExit));
        PyExc_KeyboardInterrupt = ExportedPointer(nameof(PyExc_KeyboardInterrupt));
        PyExc_AttributeError = ExportedPointer(nameof(PyExc_AttributeError));
        PyExc_TypeError = ExportedPointer(nameof(PyExc_TypeError));
        PyExc_ValueError = ExportedPointer(nameof(PyExc_ValueError));
        PyExc_OverflowError = ExportedPointer(nameof(PyExc_OverflowError));
        PyExc_OSError = ExportedPointer(nameof(PyExc_OSError));
        PyExc_RuntimeError = ExportedPointer(nameof(PyExc_RuntimeError));
        PyExc_AssertionError = ExportedPointer(nameof(PyExc_AssertionError));
        PyErr_SetString = (delegate* unmanaged[Cdecl]<BorrowedReference, byte*, void>)Export(nameof(PyErr_SetString));
        PyErr_Occurred = (delegate* unmanaged[Cdecl, SuppressGCTransition]<BorrowedReference>)Export(nameof(PyErr_Occurred));
        PyErr_Fetch = (delegate* unmanaged[Cdecl]<nint*, nint*, nint*, void>)Export(nameof(PyErr_Fetch));
        PyErr_NormalizeException = (delegate* unmanaged[Cdecl]<nint*, nint*, nint*, void>)Export(nameof(PyErr_NormalizeException));
        PyErr_Restore = (delegate* unmanaged[Cdecl]<StolenReference, StolenReference, StolenReference, void>)Export(nameof(PyErr_Restore));
        PyErr_ExceptionMatches = (delegate* unmanaged[Cdecl]<BorrowedReference, int>)Export(nameof(PyErr_ExceptionMatches));
        PyErr_GivenExceptionMatches = (delegate* unmanaged[Cdecl]<BorrowedReference, BorrowedReference, int>)Export(nameof(PyErr_GivenExceptionMatches));
        PyErr_Clear = (delegate* unmanaged[Cdecl]<void>)Export(nameof(PyErr_Clear));
        PyErr_CheckSignals = (delegate* unmanaged[Cdecl]<int>)Export(nameof(PyErr_CheckSignals));
        PyErr_WriteUnraisable = (delegate* unmanaged[Cdecl]<BorrowedReference, void>)Export(nameof(PyErr_WriteUnraisable));
        PyExc_StopIteration = ExportedPointer(nameof(PyExc_StopIteration));
        PyErr_SetObject = (delegate* unmanaged[Cdecl]<BorrowedReference, BorrowedReference, void>)Export(nameof(PyErr_SetObject));
    }
}
