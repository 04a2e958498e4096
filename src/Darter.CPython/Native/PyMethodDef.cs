using System.Runtime.InteropServices;

namespace Darter.CPython.Native;

/// <summary><c>PyMethodDef</c> of the limited API. It and what it points to must live as long as a function made of it.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct PyMethodDef
{
    /// <summary>METH_FASTCALL: (self, args, nargs).</summary>
    public const int METH_FASTCALL = 0x80;

    /// <summary>METH_FASTCALL | METH_KEYWORDS: (self, args, nargs, kwnames).</summary>
    public const int METH_FASTCALL_KEYWORDS = 0x82;

    /// <summary>METH_NOARGS: (self, NULL).</summary>
    public const int METH_NOARGS = 0x04;

    /// <summary>METH_O: (self, argument).</summary>
    public const int METH_O = 0x08;

    /// <summary>Name, UTF-8 with a zero at its end.</summary>
    public nint ml_name;

    /// <summary>The function.</summary>
    public nint ml_meth;

    /// <summary>Calling convention.</summary>
    public int ml_flags;

    /// <summary>Documentation, UTF-8 with a zero at its end, or NULL.</summary>
    public nint ml_doc;
}
