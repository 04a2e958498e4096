using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;

namespace Darter.Gateway.Asgi;

/// <summary>The functions receive() and send() of an exchange, and the one that is called when its task is done.</summary>
internal sealed unsafe class ExchangeFunctions
{
    private readonly PythonFunctions _functions = new(3);
    private readonly int _receive;
    private readonly int _send;
    private readonly int _done;

    /// <summary>Creates the table, which lives as long as the process.</summary>
    public ExchangeFunctions()
    {
        _receive = _functions.Add("receive\0"u8, (nint)(delegate* unmanaged[Cdecl]<nint, nint, nint>)&CallReceive, PyMethodDef.METH_NOARGS);
        _send = _functions.Add("send\0"u8, (nint)(delegate* unmanaged[Cdecl]<nint, nint, nint>)&CallSend, PyMethodDef.METH_O);
        _done = _functions.Add("done\0"u8, (nint)(delegate* unmanaged[Cdecl]<nint, nint, nint>)&CallDone, PyMethodDef.METH_O);
    }

    /// <summary>receive() of an exchange.</summary>
    public HeldReference CreateReceive(BorrowedReference exchange) => _functions.Create(_receive, exchange);

    /// <summary>send(message) of an exchange.</summary>
    public HeldReference CreateSend(BorrowedReference exchange) => _functions.Create(_send, exchange);

    /// <summary>The callback of an exchange's task.</summary>
    public HeldReference CreateDone(BorrowedReference exchange) => _functions.Create(_done, exchange);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallReceive(nint self, nint unused) => Boundary.Call(&Receive, self);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallSend(nint self, nint message) => Boundary.Call(&Send, self, message);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallDone(nint self, nint task) => Boundary.Call(&Done, self, task);

    private static NewReference Receive(BorrowedReference self) => PythonPeer.Of<AsgiExchange>(self).CreateReceiveCall();

    private static NewReference Send(BorrowedReference self, BorrowedReference message) => PythonPeer.Of<AsgiExchange>(self).SendMessage(message);

    private static NewReference Done(BorrowedReference self, BorrowedReference task)
    {
        PythonPeer.Of<AsgiExchange>(self).OnTaskDone(task);
        return new BorrowedReference(PyApi.None).ToNew();
    }
}
