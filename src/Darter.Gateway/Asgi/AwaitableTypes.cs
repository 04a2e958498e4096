using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;

namespace Darter.Gateway.Asgi;

/// <summary>The Python types of what an application awaits, and what is awaited when there is nothing to wait for.</summary>
internal sealed unsafe class AwaitableTypes
{
    private readonly HeldReference _call;
    private readonly HeldReference _waiter;
    private readonly HeldReference _ticket;
    private readonly HeldReference _done;

    /// <summary>Creates the types, which live as long as the process.</summary>
    /// <exception cref="InvalidOperationException">Python does not make one.</exception>
    public AwaitableTypes()
    {
        _call = CreateCall();
        _waiter = CreateWaiter();
        _ticket = PythonPeer.CreateType("darter.Asgi\0"u8, 0);
        HeldReference done = CreateDone();
        _done = new HeldReference(PyApi.PyType_GenericAlloc(done.Borrow(), 0));
        if (_done.IsNull)
        {
            throw new InvalidOperationException("out of memory");
        }
    }

    /// <summary>Type of <see cref="AwaitedCall"/>.</summary>
    public BorrowedReference Call => _call.Borrow();

    /// <summary>Type of <see cref="Asgi.Waiter"/>.</summary>
    public BorrowedReference Waiter => _waiter.Borrow();

    /// <summary>Type of the <c>self</c> of functions.</summary>
    public BorrowedReference Ticket => _ticket.Borrow();

    /// <summary>An object that can be awaited any number of times and is done at once, with None.</summary>
    public BorrowedReference Done => _done.Borrow();

    private static HeldReference CreateCall()
    {
        PythonFunctions methods = new(3);
        _ = methods.Add("send\0"u8, (nint)(delegate* unmanaged[Cdecl]<nint, nint, nint>)&CallSend, PyMethodDef.METH_O);
        _ = methods.Add("throw\0"u8, (nint)(delegate* unmanaged[Cdecl]<nint, nint*, nint, nint>)&CallThrow, PyMethodDef.METH_FASTCALL);
        _ = methods.Add("close\0"u8, (nint)(delegate* unmanaged[Cdecl]<nint, nint, nint>)&CallClose, PyMethodDef.METH_NOARGS);
        PyTypeSlot[] slots =
        [
            new() { slot = PyTypeSlot.Py_tp_methods, pfunc = methods.Table },
            new() { slot = PyTypeSlot.Py_am_await, pfunc = PyApi.PyObject_SelfIter },
            new() { slot = PyTypeSlot.Py_tp_iternext, pfunc = (nint)(delegate* unmanaged[Cdecl]<nint, nint>)&CallNext },
        ];
        PyTypeSlot send = new() { slot = PyTypeSlot.Py_am_send, pfunc = (nint)(delegate* unmanaged[Cdecl]<nint, nint, nint*, int>)&CallStep };
        return PythonPeer.CreateType("darter.Awaitable\0"u8, 0, PyApi.HasSendSlot ? [.. slots, send] : slots);
    }

    private static HeldReference CreateWaiter()
    {
        PythonFunctions methods = new(8);
        _ = methods.Add("get_loop\0"u8, (nint)(delegate* unmanaged[Cdecl]<nint, nint, nint>)&CallGetLoop, PyMethodDef.METH_NOARGS);
        _ = methods.Add("add_done_callback\0"u8, (nint)(delegate* unmanaged[Cdecl]<nint, nint*, nint, nint, nint>)&CallAddCallback, PyMethodDef.METH_FASTCALL_KEYWORDS);
        _ = methods.Add("remove_done_callback\0"u8, (nint)(delegate* unmanaged[Cdecl]<nint, nint, nint>)&CallRemoveCallback, PyMethodDef.METH_O);
        _ = methods.Add("cancel\0"u8, (nint)(delegate* unmanaged[Cdecl]<nint, nint*, nint, nint, nint>)&CallCancel, PyMethodDef.METH_FASTCALL_KEYWORDS);
        _ = methods.Add("cancelled\0"u8, (nint)(delegate* unmanaged[Cdecl]<nint, nint, nint>)&CallCancelled, PyMethodDef.METH_NOARGS);
        _ = methods.Add("done\0"u8, (nint)(delegate* unmanaged[Cdecl]<nint, nint, nint>)&CallDone, PyMethodDef.METH_NOARGS);
        _ = methods.Add("result\0"u8, (nint)(delegate* unmanaged[Cdecl]<nint, nint, nint>)&CallResult, PyMethodDef.METH_NOARGS);
        _ = methods.Add("exception\0"u8, (nint)(delegate* unmanaged[Cdecl]<nint, nint, nint>)&CallResult, PyMethodDef.METH_NOARGS);

        // The table of members is read for as long as the type lives.
        PyMemberDef* members = (PyMemberDef*)NativeMemory.AllocZeroed(2, (nuint)sizeof(PyMemberDef));
        members[0] = new PyMemberDef
        {
            name = NativeMemoryText.Allocate("_asyncio_future_blocking\0"u8),
            type = PyMemberDef.T_BOOL,
            offset = Asgi.Waiter.BlockingOffset,
        };
        return PythonPeer.CreateType(
            "darter.Waiter\0"u8,
            sizeof(nint),
            new PyTypeSlot { slot = PyTypeSlot.Py_tp_methods, pfunc = methods.Table },
            new PyTypeSlot { slot = PyTypeSlot.Py_tp_members, pfunc = (nint)members });
    }

    private static HeldReference CreateDone()
    {
        PythonFunctions methods = new(3);
        _ = methods.Add("send\0"u8, (nint)(delegate* unmanaged[Cdecl]<nint, nint, nint>)&CallSendDone, PyMethodDef.METH_O);
        _ = methods.Add("throw\0"u8, (nint)(delegate* unmanaged[Cdecl]<nint, nint*, nint, nint>)&CallThrowDone, PyMethodDef.METH_FASTCALL);
        _ = methods.Add("close\0"u8, (nint)(delegate* unmanaged[Cdecl]<nint, nint, nint>)&CallCloseDone, PyMethodDef.METH_NOARGS);
        NewReference type = PythonType.Create("darter.Done\0"u8, ObjectLayout.BaseSize,
        [
            new PyTypeSlot { slot = PyTypeSlot.Py_tp_methods, pfunc = methods.Table },
            new PyTypeSlot { slot = PyTypeSlot.Py_am_await, pfunc = PyApi.PyObject_SelfIter },

            // Returns NULL, as an iterator at its end does, for no error is set when an iterator is asked; it needs no C#.
            new PyTypeSlot { slot = PyTypeSlot.Py_tp_iternext, pfunc = (nint)PyApi.PyErr_Occurred },
            default,
        ]);
        return type.IsNull ? throw new InvalidOperationException("cannot create a type") : new HeldReference(type);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int CallStep(nint self, nint value, nint* result)
    {
        *result = 0;
        try
        {
            AwaitOutcome outcome = PythonPeer.Of<AwaitedCall>(new BorrowedReference(self)).Step(out NewReference stepped);
            *result = stepped.Pointer;
            return (int)outcome;
        }
        catch (Exception e)
        {
            _ = Boundary.Failed(e);
            return (int)AwaitOutcome.Error;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallNext(nint self) => Boundary.Call(&AwaitableCalls.Next, self);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallSend(nint self, nint value) => Boundary.Call(&AwaitableCalls.Send, self, value);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallThrow(nint self, nint* arguments, nint count) => Boundary.Call(&AwaitableCalls.Throw, self, arguments, count);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallClose(nint self, nint unused) => Boundary.Call(&AwaitableCalls.Close, self);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallSendDone(nint self, nint value) => Boundary.Call(&AwaitableCalls.SendDone, self);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallThrowDone(nint self, nint* arguments, nint count) => Boundary.Call(&AwaitableCalls.ThrowDone, self, arguments, count);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallCloseDone(nint self, nint unused) => Boundary.Call(&AwaitableCalls.CloseDone, self);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallGetLoop(nint self, nint unused) => Boundary.Call(&WaiterCalls.GetLoop, self);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallAddCallback(nint self, nint* arguments, nint count, nint names) =>
        Boundary.Call(&WaiterCalls.AddDoneCallback, self, arguments, count, names);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallRemoveCallback(nint self, nint callback) => Boundary.Call(&WaiterCalls.RemoveDoneCallback, self, callback);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallCancel(nint self, nint* arguments, nint count, nint names) =>
        Boundary.Call(&WaiterCalls.Cancel, self, arguments, count, names);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallCancelled(nint self, nint unused) => Boundary.Call(&WaiterCalls.Cancelled, self);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallDone(nint self, nint unused) => Boundary.Call(&WaiterCalls.Done, self);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallResult(nint self, nint unused) => Boundary.Call(&WaiterCalls.Result, self);
}
