using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;

namespace Darter.Gateway.Wsgi;

/// <summary>What <see cref="RequestCallables"/> are made of: the type of their ticket and the functions behind them.</summary>
internal sealed unsafe class CallableTypes
{
    /// <summary>Index of start_response in <see cref="Methods"/>.</summary>
    public const int StartResponse = 0;

    /// <summary>Index of write.</summary>
    public const int Write = 1;

    /// <summary>Index of wsgi.early_hints.</summary>
    public const int EarlyHints = 2;

    /// <summary>Index of darter.client_disconnected.</summary>
    public const int ClientDisconnected = 3;

    private readonly HeldReference _ticket;

    /// <summary>Creates the type and the table, which live as long as the process.</summary>
    /// <exception cref="InvalidOperationException">Python does not make the type.</exception>
    public CallableTypes()
    {
        _ticket = new HeldReference(Darter.Gateway.Wsgi.Ticket.CreateType("darter.Request\0"u8, [default]));
        if (_ticket.IsNull)
        {
            throw new InvalidOperationException("cannot create the type of a request");
        }

        Methods = NativeMemoryText.AllocateMethods(4);
        Methods[StartResponse] = NativeMemoryText.Method(
            "start_response\0"u8, (nint)(delegate* unmanaged[Cdecl]<nint, nint*, nint, nint, nint>)&CallStartResponse, PyMethodDef.METH_FASTCALL_KEYWORDS);
        Methods[Write] = NativeMemoryText.Method(
            "write\0"u8, (nint)(delegate* unmanaged[Cdecl]<nint, nint*, nint, nint>)&CallWrite, PyMethodDef.METH_FASTCALL);
        Methods[EarlyHints] = NativeMemoryText.Method(
            "early_hints\0"u8, (nint)(delegate* unmanaged[Cdecl]<nint, nint*, nint, nint>)&CallEarlyHints, PyMethodDef.METH_FASTCALL);
        Methods[ClientDisconnected] = NativeMemoryText.Method(
            "client_disconnected\0"u8, (nint)(delegate* unmanaged[Cdecl]<nint, nint, nint>)&CallClientDisconnected, PyMethodDef.METH_NOARGS);
    }

    /// <summary>The type of tickets.</summary>
    public BorrowedReference Ticket => _ticket.Borrow();

    /// <summary>The functions.</summary>
    public PyMethodDef* Methods { get; }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallStartResponse(nint self, nint* arguments, nint count, nint names) =>
        Boundary.Call(&RequestCalls.StartResponse, self, arguments, count, names);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallWrite(nint self, nint* arguments, nint count) => Boundary.Call(&RequestCalls.Write, self, arguments, count);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallEarlyHints(nint self, nint* arguments, nint count) => Boundary.Call(&RequestCalls.EarlyHints, self, arguments, count);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallClientDisconnected(nint self, nint unused) => Boundary.Call(&RequestCalls.ClientDisconnected, self);
}
