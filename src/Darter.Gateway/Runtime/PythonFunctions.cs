using Darter.CPython;
using Darter.CPython.Native;

namespace Darter.Gateway.Runtime;

/// <summary>A table of C functions for Python, of which function objects are made. It lives as long as the process.</summary>
internal sealed unsafe class PythonFunctions
{
    private readonly PyMethodDef* _methods;
    private readonly int _room;
    private int _count;

    /// <summary>Creates a table with room for <paramref name="room"/> functions.</summary>
    public PythonFunctions(int room)
    {
        _methods = NativeMemoryText.AllocateMethods(room);
        _room = room;
    }

    /// <summary>The table, for a type's slot of methods.</summary>
    public nint Table => (nint)_methods;

    /// <summary>Adds a function, a pointer to unmanaged code of the convention that the flags say. Returns its index.</summary>
    public int Add(ReadOnlySpan<byte> zeroTerminatedName, nint function, int flags)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(_count, _room);
        _methods[_count] = NativeMemoryText.Method(zeroTerminatedName, function, flags);
        return _count++;
    }

    /// <summary>Makes a function object with this <c>self</c>.</summary>
    /// <exception cref="InvalidOperationException">Python is out of memory.</exception>
    public HeldReference Create(int index, BorrowedReference self)
    {
        NewReference function = PyApi.PyCFunction_NewEx(_methods + index, self, 0);
        return function.IsNull ? throw new InvalidOperationException("out of memory") : new HeldReference(function);
    }
}
