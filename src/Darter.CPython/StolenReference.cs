namespace Darter.CPython;

/// <summary>A reference whose ownership passes to the called function, which gives it up itself, also when it fails.</summary>
public readonly ref struct StolenReference(nint pointer)
{
    /// <summary>The <c>PyObject*</c>; 0 for NULL.</summary>
    public nint Pointer { get; } = pointer;
}
