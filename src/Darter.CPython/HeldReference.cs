namespace Darter.CPython;

/// <summary>
/// A reference kept in a field for longer than a call. It is not copied: the field is the owner, and <see cref="Clear"/>
/// gives the reference up.
/// </summary>
public struct HeldReference
{
    private nint _pointer;

    /// <summary>Takes over a new reference.</summary>
    public HeldReference(NewReference reference) => _pointer = reference.Pointer;

    /// <summary>Whether nothing is held.</summary>
    public readonly bool IsNull => _pointer == 0;

    /// <summary>The object; valid until the field is set or cleared.</summary>
    public readonly BorrowedReference Borrow() => new(_pointer);

    /// <summary>Holds another object and gives up the one before.</summary>
    public void Set(NewReference reference)
    {
        nint before = _pointer;
        _pointer = reference.Pointer;
        new NewReference(before).Dispose();
    }

    /// <summary>Gives up the object. It may run Python code.</summary>
    public void Clear() => Set(default);
}
