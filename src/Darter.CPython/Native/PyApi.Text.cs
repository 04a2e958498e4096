namespace Darter.CPython.Native;

public static unsafe partial class PyApi
{
    /// <summary>The type bytes.</summary>
    public static nint PyBytes_Type { get; private set; }

    /// <summary>The type str.</summary>
    public static nint PyUnicode_Type { get; private set; }

    public static delegate* unmanaged[Cdecl]<byte*, nint, byte*, NewReference> PyUnicode_DecodeLatin1 { get; private set; }

    public static delegate* unmanaged[Cdecl]<byte*, nint, byte*, NewReference> PyUnicode_DecodeUTF8 { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, nint*, byte*> PyUnicode_AsUTF8AndSize { get; private set; }

    public static delegate* unmanaged[Cdecl]<byte*, NewReference> PyUnicode_InternFromString { get; private set; }

    public static delegate* unmanaged[Cdecl]<byte*, nint, NewReference> PyBytes_FromStringAndSize { get; private set; }

    /// <summary>For bytes only.</summary>
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<BorrowedReference, byte*> PyBytes_AsString { get; private set; }

    /// <summary>For bytes only.</summary>
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<BorrowedReference, nint> PyBytes_Size { get; private set; }

    /// <summary>Changes the size of bytes nobody else has yet. On failure the pointer becomes NULL and an error is set.</summary>
    public static delegate* unmanaged[Cdecl]<nint*, nint, int> _PyBytes_Resize { get; private set; }

    public static delegate* unmanaged[Cdecl]<long, NewReference> PyLong_FromLongLong { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, BorrowedReference, nint> PyNumber_AsSsize_t { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, long> PyLong_AsLongLong { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, NewReference> PyBytes_FromObject { get; private set; }

    /// <summary>The type int.</summary>
    public static nint PyLong_Type { get; private set; }

    private static void LoadText()
    {
        PyLong_Type = Export(nameof(PyLong_Type));
        PyBytes_Type = Export(nameof(PyBytes_Type));
        PyUnicode_Type = Export(nameof(PyUnicode_Type));
        PyUnicode_DecodeLatin1 = (delegate* unmanaged[Cdecl]<byte*, nint, byte*, NewReference>)Export(nameof(PyUnicode_DecodeLatin1));
        PyUnicode_DecodeUTF8 = (delegate* unmanaged[Cdecl]<byte*, nint, byte*, NewReference>)Export(nameof(PyUnicode_DecodeUTF8));
        PyUnicode_AsUTF8AndSize = (delegate* unmanaged[Cdecl]<BorrowedReference, nint*, byte*>)Export(nameof(PyUnicode_AsUTF8AndSize));
        PyUnicode_InternFromString = (delegate* unmanaged[Cdecl]<byte*, NewReference>)Export(nameof(PyUnicode_InternFromString));
        PyBytes_FromStringAndSize = (delegate* unmanaged[Cdecl]<byte*, nint, NewReference>)Export(nameof(PyBytes_FromStringAndSize));
        PyBytes_AsString = (delegate* unmanaged[Cdecl, SuppressGCTransition]<BorrowedReference, byte*>)Export(nameof(PyBytes_AsString));
        PyBytes_Size = (delegate* unmanaged[Cdecl, SuppressGCTransition]<BorrowedReference, nint>)Export(nameof(PyBytes_Size));
        _PyBytes_Resize = (delegate* unmanaged[Cdecl]<nint*, nint, int>)Export(nameof(_PyBytes_Resize));
        PyLong_FromLongLong = (delegate* unmanaged[Cdecl]<long, NewReference>)Export(nameof(PyLong_FromLongLong));
        PyNumber_AsSsize_t = (delegate* unmanaged[Cdecl]<BorrowedReference, BorrowedReference, nint>)Export(nameof(PyNumber_AsSsize_t));
        PyLong_AsLongLong = (delegate* unmanaged[Cdecl]<BorrowedReference, long>)Export(nameof(PyLong_AsLongLong));
        PyBytes_FromObject = (delegate* unmanaged[Cdecl]<BorrowedReference, NewReference>)Export(nameof(PyBytes_FromObject));
    }
}
