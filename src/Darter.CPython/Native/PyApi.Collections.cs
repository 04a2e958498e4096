namespace Darter.CPython.Native;

public static unsafe partial class PyApi
{
    /// <summary>The type list.</summary>
    public static nint PyList_Type { get; private set; }

    /// <summary>The type tuple.</summary>
    public static nint PyTuple_Type { get; private set; }

    public static delegate* unmanaged[Cdecl]<NewReference> PyDict_New { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, NewReference> PyDict_Copy { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, BorrowedReference, BorrowedReference, int> PyDict_SetItem { get; private set; }

    /// <summary>
    /// <see cref="PyDict_SetItem"/> for a dict that only Darter has: exact str keys, and the value that it replaces, if
    /// any, is a str, None, or alive elsewhere. Then no Python code can run.
    /// </summary>
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<BorrowedReference, BorrowedReference, BorrowedReference, int> PyDict_SetItem_Plain { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, BorrowedReference, BorrowedReference> PyDict_GetItemWithError { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, BorrowedReference, int> PyDict_DelItem { get; private set; }

    /// <summary>For a dict only.</summary>
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<BorrowedReference, nint> PyDict_Size { get; private set; }

    /// <summary>For an exact list only.</summary>
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<BorrowedReference, nint> PyList_Size { get; private set; }

    /// <summary>For an exact list and an index in range only.</summary>
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<BorrowedReference, nint, BorrowedReference> PyList_GetItem { get; private set; }

    public static delegate* unmanaged[Cdecl]<nint, NewReference> PyList_New { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, BorrowedReference, int> PyList_Append { get; private set; }

    public static delegate* unmanaged[Cdecl]<nint, NewReference> PyTuple_New { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, nint, StolenReference, int> PyTuple_SetItem { get; private set; }

    /// <summary>For an exact tuple only.</summary>
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<BorrowedReference, nint> PyTuple_Size { get; private set; }

    /// <summary>For an exact tuple and an index in range only.</summary>
    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<BorrowedReference, nint, BorrowedReference> PyTuple_GetItem { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, NewReference> PySequence_List { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, NewReference> PyList_AsTuple { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, nint, nint, NewReference> PyList_GetSlice { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, nint, StolenReference, int> PyList_SetItem { get; private set; }

    /// <summary>The type dict.</summary>
    public static nint PyDict_Type { get; private set; }

    private static void LoadCollections()
    {
        PyList_Type = Export(nameof(PyList_Type));
        PyTuple_Type = Export(nameof(PyTuple_Type));
        PyDict_New = (delegate* unmanaged[Cdecl]<NewReference>)Export(nameof(PyDict_New));
        PyDict_Copy = (delegate* unmanaged[Cdecl]<BorrowedReference, NewReference>)Export(nameof(PyDict_Copy));
        PyDict_SetItem = (delegate* unmanaged[Cdecl]<BorrowedReference, BorrowedReference, BorrowedReference, int>)Export(nameof(PyDict_SetItem));
        PyDict_SetItem_Plain = (delegate* unmanaged[Cdecl, SuppressGCTransition]<BorrowedReference, BorrowedReference, BorrowedReference, int>)Export(nameof(PyDict_SetItem));
        PyDict_GetItemWithError = (delegate* unmanaged[Cdecl]<BorrowedReference, BorrowedReference, BorrowedReference>)Export(nameof(PyDict_GetItemWithError));
        PyDict_DelItem = (delegate* unmanaged[Cdecl]<BorrowedReference, BorrowedReference, int>)Export(nameof(PyDict_DelItem));
        PyDict_Size = (delegate* unmanaged[Cdecl, SuppressGCTransition]<BorrowedReference, nint>)Export(nameof(PyDict_Size));
        PyList_Size = (delegate* unmanaged[Cdecl, SuppressGCTransition]<BorrowedReference, nint>)Export(nameof(PyList_Size));
        PyList_GetItem = (delegate* unmanaged[Cdecl, SuppressGCTransition]<BorrowedReference, nint, BorrowedReference>)Export(nameof(PyList_GetItem));
        PyList_New = (delegate* unmanaged[Cdecl]<nint, NewReference>)Export(nameof(PyList_New));
        PyList_Append = (delegate* unmanaged[Cdecl]<BorrowedReference, BorrowedReference, int>)Export(nameof(PyList_Append));
        PyTuple_New = (delegate* unmanaged[Cdecl]<nint, NewReference>)Export(nameof(PyTuple_New));
        PyTuple_SetItem = (delegate* unmanaged[Cdecl]<BorrowedReference, nint, StolenReference, int>)Export(nameof(PyTuple_SetItem));
        PyTuple_Size = (delegate* unmanaged[Cdecl, SuppressGCTransition]<BorrowedReference, nint>)Export(nameof(PyTuple_Size));
        PyTuple_GetItem = (delegate* unmanaged[Cdecl, SuppressGCTransition]<BorrowedReference, nint, BorrowedReference>)Export(nameof(PyTuple_GetItem));
        PySequence_List = (delegate* unmanaged[Cdecl]<BorrowedReference, NewReference>)Export(nameof(PySequence_List));
        PyList_AsTuple = (delegate* unmanaged[Cdecl]<BorrowedReference, NewReference>)Export(nameof(PyList_AsTuple));
        PyList_GetSlice = (delegate* unmanaged[Cdecl]<BorrowedReference, nint, nint, NewReference>)Export(nameof(PyList_GetSlice));
        PyList_SetItem = (delegate* unmanaged[Cdecl]<BorrowedReference, nint, StolenReference, int>)Export(nameof(PyList_SetItem));
        PyDict_Type = Export(nameof(PyDict_Type));
    }
}
