using System.Runtime.InteropServices;

namespace Darter.CPython.Native;

/// <summary><c>PyType_Spec</c> of the limited API.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct PyTypeSpec
{
    /// <summary>Py_TPFLAGS_DEFAULT of 3.8 and later: Py_TPFLAGS_HAVE_VERSION_TAG.</summary>
    public const uint Py_TPFLAGS_DEFAULT = 1u << 18;

    /// <summary>Qualified name, UTF-8 with a zero at its end.</summary>
    public nint name;

    /// <summary>Size of an instance in bytes.</summary>
    public int basicsize;

    /// <summary>Size of an item of an instance of variable size.</summary>
    public int itemsize;

    /// <summary>Flags.</summary>
    public uint flags;

    /// <summary>Array of <see cref="PyTypeSlot"/>.</summary>
    public nint slots;
}
