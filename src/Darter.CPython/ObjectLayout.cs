using Darter.CPython.Native;

namespace Darter.CPython;

/// <summary>
/// Reads the type and the reference count of an object without a call. Where they lie is found out by trying, at load,
/// not assumed; where that finds nothing (a build of CPython that keeps them otherwise), the slower way is taken.
/// </summary>
public static unsafe class ObjectLayout
{
    private static int _typeOffset = -1;
    private static int _referenceCountOffset = -1;

    /// <summary>The object's type as an address, to be compared with the types of <see cref="PyApi"/>.</summary>
    public static nint TypeOf(BorrowedReference value) =>
        _typeOffset >= 0 ? *(nint*)(value.Pointer + _typeOffset) : AskType(value);

    /// <summary>Whether there are exactly <paramref name="count"/> references to the object. False when it cannot be told.</summary>
    public static bool HasReferences(BorrowedReference value, uint count) =>
        _referenceCountOffset >= 0 && *(uint*)(value.Pointer + _referenceCountOffset) == count;

    /// <summary>Size of an instance of <c>object</c> in bytes: where a subtype's own space begins.</summary>
    public static int BaseSize { get; private set; }

    internal static void Probe()
    {
        using (NewReference size = AttributeOfObject("__basicsize__"u8))
        {
            BaseSize = checked((int)PyApi.PyLong_AsLongLong(size));
        }

        using NewReference list = PyApi.PyList_New(0);
        using NewReference number = PyApi.PyLong_FromLongLong(1L << 40);
        using NewReference bytes = PyApi.PyBytes_FromStringAndSize(null, 1);
        for (int offset = 0; offset + sizeof(nint) <= BaseSize && _typeOffset < 0; offset += sizeof(nint))
        {
            if (IsType(list, offset) && IsType(number, offset) && IsType(bytes, offset) && IsType(new BorrowedReference(PyApi.None), offset))
            {
                _typeOffset = offset;
            }
        }

        for (int offset = 0; offset + sizeof(uint) <= BaseSize && _referenceCountOffset < 0; offset += sizeof(uint))
        {
            if (Counts(list, offset) && Counts(number, offset) && Counts(bytes, offset))
            {
                _referenceCountOffset = offset;
            }
        }
    }

    private static nint AskType(BorrowedReference value)
    {
        // A type that has an instance is alive, so its address stays good after the reference is gone.
        using NewReference type = PyApi.PyObject_Type(value);
        return type.Pointer;
    }

    private static bool IsType(BorrowedReference value, int offset)
    {
        using NewReference type = PyApi.PyObject_Type(value);
        return *(nint*)(value.Pointer + offset) == type.Pointer;
    }

    /// <summary>Whether the word at an offset goes 1, 2, 1 as a reference is taken and given up.</summary>
    private static bool Counts(BorrowedReference value, int offset)
    {
        uint* word = (uint*)(value.Pointer + offset);
        uint before = *word;
        NewReference second = value.ToNew();
        uint with = *word;
        second.Dispose();
        return before == 1 && with == 2 && *word == 1;
    }

    private static NewReference AttributeOfObject(ReadOnlySpan<byte> name)
    {
        fixed (byte* pointer = name)
        {
            return PyApi.PyObject_GetAttrString(new BorrowedReference(PyApi.PyBaseObject_Type), pointer);
        }
    }
}
