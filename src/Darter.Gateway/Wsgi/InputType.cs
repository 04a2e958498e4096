using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;

namespace Darter.Gateway.Wsgi;

/// <summary>The type of <c>wsgi.input</c>: a ticket with the methods that PEP 3333 asks for.</summary>
internal sealed unsafe class InputType
{
    private readonly HeldReference _type;

    /// <summary>Creates the type, which lives as long as the process.</summary>
    /// <exception cref="InvalidOperationException">Python does not make the type.</exception>
    public InputType()
    {
        PyMethodDef* methods = NativeMemoryText.AllocateMethods(5);
        methods[0] = NativeMemoryText.Method("read\0"u8, (nint)(delegate* unmanaged[Cdecl]<nint, nint*, nint, nint>)&CallRead, PyMethodDef.METH_FASTCALL);
        methods[1] = NativeMemoryText.Method("read1\0"u8, (nint)(delegate* unmanaged[Cdecl]<nint, nint*, nint, nint>)&CallRead1, PyMethodDef.METH_FASTCALL);
        methods[2] = NativeMemoryText.Method("readline\0"u8, (nint)(delegate* unmanaged[Cdecl]<nint, nint*, nint, nint>)&CallReadLine, PyMethodDef.METH_FASTCALL);
        methods[3] = NativeMemoryText.Method("readlines\0"u8, (nint)(delegate* unmanaged[Cdecl]<nint, nint*, nint, nint>)&CallReadLines, PyMethodDef.METH_FASTCALL);
        methods[4] = NativeMemoryText.Method("close\0"u8, (nint)(delegate* unmanaged[Cdecl]<nint, nint, nint>)&CallClose, PyMethodDef.METH_NOARGS);
        _type = new HeldReference(Ticket.CreateType("darter.Input\0"u8,
        [
            new PyTypeSlot { slot = PyTypeSlot.Py_tp_methods, pfunc = (nint)methods },
            new PyTypeSlot { slot = PyTypeSlot.Py_tp_iter, pfunc = PyApi.PyObject_SelfIter },
            new PyTypeSlot { slot = PyTypeSlot.Py_tp_iternext, pfunc = (nint)(delegate* unmanaged[Cdecl]<nint, nint>)&CallNext },
            default,
        ]));
        if (_type.IsNull)
        {
            throw new InvalidOperationException("cannot create the type of wsgi.input");
        }
    }

    /// <summary>The type.</summary>
    public BorrowedReference Type => _type.Borrow();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallRead(nint self, nint* arguments, nint count) => Boundary.Call(&InputMethods.Read, self, arguments, count);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallRead1(nint self, nint* arguments, nint count) => Boundary.Call(&InputMethods.Read1, self, arguments, count);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallReadLine(nint self, nint* arguments, nint count) => Boundary.Call(&InputMethods.ReadLine, self, arguments, count);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallReadLines(nint self, nint* arguments, nint count) => Boundary.Call(&InputMethods.ReadLines, self, arguments, count);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallClose(nint self, nint unused) => Boundary.Call(&InputMethods.Close, self);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallNext(nint self) => Boundary.Call(&InputMethods.Next, self);
}
