using Darter.CPython;
using Darter.CPython.Native;

namespace Darter.Gateway.Runtime;

/// <summary>Makes Python types, which live as long as the process.</summary>
internal static unsafe class PythonType
{
    /// <summary>Makes a type. NULL: a Python error is set.</summary>
    /// <param name="name">Its name with the module, ending with a zero.</param>
    /// <param name="instanceSize">Size of an instance in bytes.</param>
    /// <param name="slots">Its slots, the last one zero.</param>
    public static NewReference Create(ReadOnlySpan<byte> name, int instanceSize, ReadOnlySpan<PyTypeSlot> slots)
    {
        fixed (PyTypeSlot* slotsPointer = slots)
        {
            PyTypeSpec spec = new()
            {
                // The type keeps the pointer to its name (until 3.12), so that is allocated for good.
                name = NativeMemoryText.Allocate(name),
                basicsize = instanceSize,
                flags = PyTypeSpec.Py_TPFLAGS_DEFAULT,
                slots = (nint)slotsPointer,
            };
            return PyApi.PyType_FromSpec(&spec);
        }
    }
}
