using System.Runtime.InteropServices;
using Darter.CPython.Native;

namespace Darter.Gateway.Runtime;

/// <summary>Memory that Python keeps pointers to for as long as the process lives.</summary>
internal static unsafe class NativeMemoryText
{
    /// <summary>Copies text, with the zero at its end.</summary>
    public static nint Allocate(ReadOnlySpan<byte> zeroTerminated)
    {
        byte* copy = (byte*)NativeMemory.Alloc((nuint)zeroTerminated.Length);
        zeroTerminated.CopyTo(new Span<byte>(copy, zeroTerminated.Length));
        return (nint)copy;
    }

    /// <summary>A table of methods with room for <paramref name="count"/> and the zero entry behind them.</summary>
    public static PyMethodDef* AllocateMethods(int count) =>
        (PyMethodDef*)NativeMemory.AllocZeroed((nuint)(count + 1), (nuint)sizeof(PyMethodDef));

    /// <summary>Describes a function.</summary>
    public static PyMethodDef Method(ReadOnlySpan<byte> name, nint function, int flags) =>
        new() { ml_name = Allocate(name), ml_meth = function, ml_flags = flags };
}
