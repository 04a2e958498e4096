using System.Runtime.InteropServices;

namespace Darter.CPython.Native;

/// <summary><c>PyMemberDef</c> of the limited API: an attribute that lies in the object. The last one of an array is zero.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct PyMemberDef
{
    /// <summary>T_BOOL: a char that is 0 or 1.</summary>
    public const int T_BOOL = 14;

    /// <summary>Name, UTF-8 with a zero at its end.</summary>
    public nint name;

    /// <summary>Which C type.</summary>
    public int type;

    /// <summary>Where in the object it lies, in bytes.</summary>
    public nint offset;

    /// <summary>0: can be set.</summary>
    public int flags;

    /// <summary>Documentation, UTF-8 with a zero at its end, or NULL.</summary>
    public nint doc;
}
