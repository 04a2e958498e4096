using System.Runtime.InteropServices;

namespace Darter.CPython.Native;

/// <summary><c>PyType_Slot</c> of the limited API. The last one of an array is zero.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct PyTypeSlot
{
    /// <summary>Py_tp_dealloc.</summary>
    public const int Py_tp_dealloc = 52;

    /// <summary>Py_tp_iter.</summary>
    public const int Py_tp_iter = 62;

    /// <summary>Py_tp_iternext.</summary>
    public const int Py_tp_iternext = 63;

    /// <summary>Py_tp_methods.</summary>
    public const int Py_tp_methods = 64;

    /// <summary>Py_tp_members.</summary>
    public const int Py_tp_members = 72;

    /// <summary>Py_am_await.</summary>
    public const int Py_am_await = 77;

    /// <summary>Py_am_send, of 3.10 and later.</summary>
    public const int Py_am_send = 81;

    /// <summary>Which slot.</summary>
    public int slot;

    /// <summary>A function or an array.</summary>
    public nint pfunc;
}
