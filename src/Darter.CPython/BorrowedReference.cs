namespace Darter.CPython;

/// <summary>A Python object that somebody else keeps alive. Valid only as long as its owner is; costs no reference count.</summary>
public readonly ref struct BorrowedReference(nint pointer)
{
    /// <summary>The <c>PyObject*</c>; 0 for NULL.</summary>
    public nint Pointer { get; } = pointer;

    /// <summary>Whether it is NULL: the call that returned it failed, or found nothing.</summary>
    public bool IsNull => Pointer == 0;

    /// <summary>Whether both are the same object (Python's <c>is</c>).</summary>
    public bool Is(BorrowedReference other) => Pointer == other.Pointer;

    /// <summary>Whether it is Python's None.</summary>
    public bool IsNone => Pointer == Native.PyApi.None;

    /// <summary>Makes a reference that is owned.</summary>
    public unsafe NewReference ToNew()
    {
        Native.PyApi.Py_IncRef(this);
        return new NewReference(Pointer);
    }
}
