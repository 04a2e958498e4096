using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Darter.CPython;
using Darter.CPython.Native;

namespace Darter.Gateway.Runtime;

/// <summary>
/// A C# object that has a Python object which leads to it. Both hold each other until <see cref="Release"/>; then the
/// C# object lives as long as somebody has the Python object.
/// </summary>
internal abstract unsafe class PythonPeer
{
    private HeldReference _object;

    /// <summary>The Python object.</summary>
    public BorrowedReference Object => _object.Borrow();

    /// <summary>Whether nobody but this has the Python object.</summary>
    public bool IsUnshared => ObjectLayout.HasReferences(Object, 1);

    /// <summary>The peer of a Python object of one of the types that <see cref="CreateType"/> makes.</summary>
    /// <exception cref="InvalidOperationException">Python code has made the object itself.</exception>
    public static T Of<T>(BorrowedReference self)
        where T : PythonPeer
    {
        nint handle = *(nint*)(self.Pointer + ObjectLayout.BaseSize);
        return handle == 0
            ? throw new InvalidOperationException("an object of this type cannot be made by calling it")
            : Unsafe.As<T>(GCHandle.FromIntPtr(handle).Target!);
    }

    /// <summary>Makes a type of Python objects that lead to peers.</summary>
    /// <param name="name">Its name with the module, ending with a zero.</param>
    /// <param name="space">Bytes that an object has for itself, from <see cref="SpaceOffset"/> on.</param>
    /// <param name="slots">Its slots.</param>
    /// <exception cref="InvalidOperationException">Python does not make the type.</exception>
    public static HeldReference CreateType(ReadOnlySpan<byte> name, int space, params ReadOnlySpan<PyTypeSlot> slots)
    {
        PyTypeSlot[] all =
        [
            .. slots,
            new PyTypeSlot { slot = PyTypeSlot.Py_tp_dealloc, pfunc = (nint)(delegate* unmanaged[Cdecl]<nint, void>)&Deallocate },
            default,
        ];
        NewReference type = PythonType.Create(name, SpaceOffset + space, all);
        return type.IsNull ? throw new InvalidOperationException("cannot create a type") : new HeldReference(type);
    }

    /// <summary>Where in an object its own space begins.</summary>
    protected static int SpaceOffset => ObjectLayout.BaseSize + sizeof(nint);

    /// <summary>Makes the Python object.</summary>
    /// <exception cref="InvalidOperationException">Python is out of memory.</exception>
    protected void CreateObject(BorrowedReference type)
    {
        NewReference created = PyApi.PyType_GenericAlloc(type, 0);
        if (created.IsNull)
        {
            throw new InvalidOperationException("out of memory");
        }

        *(nint*)(created.Pointer + ObjectLayout.BaseSize) = GCHandle.ToIntPtr(GCHandle.Alloc(this));
        _object.Set(created);
    }

    /// <summary>Gives the Python object up.</summary>
    protected void Release() => _object.Clear();

    /// <summary>The Python object is gone: gives up what was held for it alone. A Python error may be set, and stays.</summary>
    protected virtual void OnDeallocated()
    {
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Deallocate(nint self)
    {
        PythonPeer? peer = null;
        nint handle = *(nint*)(self + ObjectLayout.BaseSize);
        if (handle != 0)
        {
            GCHandle held = GCHandle.FromIntPtr(handle);
            peer = Unsafe.As<PythonPeer>(held.Target!);
            held.Free();
        }

        nint type = ObjectLayout.TypeOf(new BorrowedReference(self));
        PyApi.PyObject_Free(self);
        new NewReference(type).Dispose();
        peer?.OnDeallocated();
    }
}
