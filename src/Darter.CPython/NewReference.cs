namespace Darter.CPython;

/// <summary>
/// A Python object of which the holder owns one reference: dispose of it, or hand the reference over by <see cref="Steal"/>.
/// </summary>
public readonly ref struct NewReference(nint pointer)
{
    /// <summary>The <c>PyObject*</c>; 0 for NULL.</summary>
    public nint Pointer { get; } = pointer;

    /// <summary>Whether it is NULL: the call that returned it failed and a Python error is set.</summary>
    public bool IsNull => Pointer == 0;

    /// <summary>The object without its ownership.</summary>
    public BorrowedReference Borrow() => new(Pointer);

    /// <summary>The object without its ownership.</summary>
    public static implicit operator BorrowedReference(NewReference reference) => new(reference.Pointer);

    /// <summary>Hands the reference to a function that steals it, or to Python as a return value. This one must not be used or disposed of afterwards.</summary>
    public StolenReference Steal() => new(Pointer);

    /// <summary>Gives the reference up; NULL is allowed. It may run Python code.</summary>
    public unsafe void Dispose()
    {
        if (Pointer != 0)
        {
            Native.PyApi.Py_DecRef(this);
        }
    }
}
