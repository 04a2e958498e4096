namespace Darter.CPython.Native;

public static unsafe partial class PyApi
{
    /// <summary>Py_None.</summary>
    public static nint None { get; private set; }

    /// <summary>Py_True.</summary>
    public static nint True { get; private set; }

    /// <summary>Py_False.</summary>
    public static nint False { get; private set; }

    /// <summary>The type object.</summary>
    public static nint PyBaseObject_Type { get; private set; }

    /// <summary>The type generator.</summary>
    public static nint PyGen_Type { get; private set; }

    /// <summary>PyObject_SelfIter, for a type's slot.</summary>
    public static nint PyObject_SelfIter { get; private set; }

    public static delegate* unmanaged[Cdecl, SuppressGCTransition]<BorrowedReference, void> Py_IncRef { get; private set; }

    public static delegate* unmanaged[Cdecl]<NewReference, void> Py_DecRef { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, NewReference> PyObject_Type { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, BorrowedReference, NewReference> PyObject_GetAttr { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, byte*, NewReference> PyObject_GetAttrString { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, BorrowedReference, int> PyObject_IsInstance { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, nint> PyObject_Size { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, NewReference> PyObject_GetIter { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, NewReference> PyIter_Next { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, BorrowedReference, BorrowedReference, NewReference> PyObject_Call { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, BorrowedReference, NewReference> PyObject_CallObject { get; private set; }

    /// <summary>
    /// <c>PyObject_Vectorcall</c>, or <c>PyObject_VectorcallDict</c> (3.9, 3.10) or <c>_PyObject_FastCallDict</c> (3.8),
    /// which differ in the last argument only: it must be NULL here. NULL if there is none of them.
    /// </summary>
    public static delegate* unmanaged[Cdecl]<BorrowedReference, nint*, nuint, nint, NewReference> PyObject_Vectorcall { get; private set; }

    public static delegate* unmanaged[Cdecl]<PyMethodDef*, BorrowedReference, nint, NewReference> PyCFunction_NewEx { get; private set; }

    public static delegate* unmanaged[Cdecl]<PyTypeSpec*, NewReference> PyType_FromSpec { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, nint, NewReference> PyType_GenericAlloc { get; private set; }

    public static delegate* unmanaged[Cdecl]<byte*, NewReference> PyImport_ImportModule { get; private set; }

    public static delegate* unmanaged[Cdecl]<nint> PyEval_SaveThread { get; private set; }

    public static delegate* unmanaged[Cdecl]<nint, void> PyEval_RestoreThread { get; private set; }

    /// <summary>The type coroutine.</summary>
    public static nint PyCoro_Type { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, int> PyObject_IsTrue { get; private set; }

    public static delegate* unmanaged[Cdecl]<nint, void> PyObject_Free { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, int> PyContext_Enter { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, int> PyContext_Exit { get; private set; }

    /// <summary>Whether the interpreter has the slot am_send (3.10 and later).</summary>
    public static bool HasSendSlot { get; private set; }

    /// <summary><c>PyObject_VectorcallMethod</c>, NULL where it is not exported (3.8).</summary>
    public static delegate* unmanaged[Cdecl]<BorrowedReference, nint*, nuint, nint, NewReference> PyObject_VectorcallMethod { get; private set; }

    public static delegate* unmanaged[Cdecl]<BorrowedReference, NewReference> PyMemoryView_FromObject { get; private set; }

    private static void LoadObjects()
    {
        PyMemoryView_FromObject = (delegate* unmanaged[Cdecl]<BorrowedReference, NewReference>)Export(nameof(PyMemoryView_FromObject));
        None = Export("_Py_NoneStruct");
        True = Export("_Py_TrueStruct");
        False = Export("_Py_FalseStruct");
        PyBaseObject_Type = Export(nameof(PyBaseObject_Type));
        PyGen_Type = Export(nameof(PyGen_Type));
        PyObject_SelfIter = Export(nameof(PyObject_SelfIter));
        Py_IncRef = (delegate* unmanaged[Cdecl, SuppressGCTransition]<BorrowedReference, void>)Export(nameof(Py_IncRef));
        Py_DecRef = (delegate* unmanaged[Cdecl]<NewReference, void>)Export(nameof(Py_DecRef));
        PyObject_Type = (delegate* unmanaged[Cdecl]<BorrowedReference, NewReference>)Export(nameof(PyObject_Type));
        PyObject_GetAttr = (delegate* unmanaged[Cdecl]<BorrowedReference, BorrowedReference, NewReference>)Export(nameof(PyObject_GetAttr));
        PyObject_GetAttrString = (delegate* unmanaged[Cdecl]<BorrowedReference, byte*, NewReference>)Export(nameof(PyObject_GetAttrString));
        PyObject_IsInstance = (delegate* unmanaged[Cdecl]<BorrowedReference, BorrowedReference, int>)Export(nameof(PyObject_IsInstance));
        PyObject_Size = (delegate* unmanaged[Cdecl]<BorrowedReference, nint>)Export(nameof(PyObject_Size));
        PyObject_GetIter = (delegate* unmanaged[Cdecl]<BorrowedReference, NewReference>)Export(nameof(PyObject_GetIter));
        PyIter_Next = (delegate* unmanaged[Cdecl]<BorrowedReference, NewReference>)Export(nameof(PyIter_Next));
        PyObject_Call = (delegate* unmanaged[Cdecl]<BorrowedReference, BorrowedReference, BorrowedReference, NewReference>)Export(nameof(PyObject_Call));
        PyObject_CallObject = (delegate* unmanaged[Cdecl]<BorrowedReference, BorrowedReference, NewReference>)Export(nameof(PyObject_CallObject));
        PyObject_Vectorcall = (delegate* unmanaged[Cdecl]<BorrowedReference, nint*, nuint, nint, NewReference>)FirstExport(
            nameof(PyObject_Vectorcall), "PyObject_VectorcallDict", "_PyObject_FastCallDict");
        PyCFunction_NewEx = (delegate* unmanaged[Cdecl]<PyMethodDef*, BorrowedReference, nint, NewReference>)Export(nameof(PyCFunction_NewEx));
        PyType_FromSpec = (delegate* unmanaged[Cdecl]<PyTypeSpec*, NewReference>)Export(nameof(PyType_FromSpec));
        PyType_GenericAlloc = (delegate* unmanaged[Cdecl]<BorrowedReference, nint, NewReference>)Export(nameof(PyType_GenericAlloc));
        PyImport_ImportModule = (delegate* unmanaged[Cdecl]<byte*, NewReference>)Export(nameof(PyImport_ImportModule));
        PyEval_SaveThread = (delegate* unmanaged[Cdecl]<nint>)Export(nameof(PyEval_SaveThread));
        PyEval_RestoreThread = (delegate* unmanaged[Cdecl]<nint, void>)Export(nameof(PyEval_RestoreThread));
        PyCoro_Type = Export(nameof(PyCoro_Type));
        PyObject_IsTrue = (delegate* unmanaged[Cdecl]<BorrowedReference, int>)Export(nameof(PyObject_IsTrue));
        PyObject_Free = (delegate* unmanaged[Cdecl]<nint, void>)Export(nameof(PyObject_Free));
        PyContext_Enter = (delegate* unmanaged[Cdecl]<BorrowedReference, int>)Export(nameof(PyContext_Enter));
        PyContext_Exit = (delegate* unmanaged[Cdecl]<BorrowedReference, int>)Export(nameof(PyContext_Exit));
        HasSendSlot = FirstExport("PyIter_Send") != 0;
        PyObject_VectorcallMethod = (delegate* unmanaged[Cdecl]<BorrowedReference, nint*, nuint, nint, NewReference>)FirstExport(nameof(PyObject_VectorcallMethod));
    }
}
