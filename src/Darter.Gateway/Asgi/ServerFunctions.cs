using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;

namespace Darter.Gateway.Asgi;

/// <summary>What the event loop calls.</summary>
internal sealed unsafe class ServerFunctions
{
    private readonly PythonFunctions _functions = new(4);
    private readonly int _readable;
    private readonly int _writable;
    private readonly int _flush;
    private readonly int _stop;

    /// <summary>Creates the table, which lives as long as the process.</summary>
    public ServerFunctions()
    {
        _readable = _functions.Add("readable\0"u8, (nint)(delegate* unmanaged[Cdecl]<nint, nint, nint>)&CallReadable, PyMethodDef.METH_NOARGS);
        _writable = _functions.Add("writable\0"u8, (nint)(delegate* unmanaged[Cdecl]<nint, nint, nint>)&CallWritable, PyMethodDef.METH_NOARGS);
        _flush = _functions.Add("flush\0"u8, (nint)(delegate* unmanaged[Cdecl]<nint, nint, nint>)&CallFlush, PyMethodDef.METH_NOARGS);
        _stop = _functions.Add("stop\0"u8, (nint)(delegate* unmanaged[Cdecl]<nint, nint, nint>)&CallStop, PyMethodDef.METH_NOARGS);
    }

    /// <summary>Is called when the channel can be read.</summary>
    public HeldReference CreateReadable(BorrowedReference server) => _functions.Create(_readable, server);

    /// <summary>Is called when the channel can be written to, if that was asked for.</summary>
    public HeldReference CreateWritable(BorrowedReference server) => _functions.Create(_writable, server);

    /// <summary>Is called at the end of a turn of the loop in which something was written.</summary>
    public HeldReference CreateFlush(BorrowedReference server) => _functions.Create(_flush, server);

    /// <summary>Has the server accept nothing more.</summary>
    public HeldReference CreateStop(BorrowedReference server) => _functions.Create(_stop, server);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallReadable(nint self, nint unused) => Boundary.Call(&Readable, self);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallWritable(nint self, nint unused) => Boundary.Call(&Writable, self);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallFlush(nint self, nint unused) => Boundary.Call(&Flush, self);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallStop(nint self, nint unused) => Boundary.Call(&Stop, self);

    private static NewReference Readable(BorrowedReference self)
    {
        PythonPeer.Of<AsgiServer>(self).OnReadable();
        return None();
    }

    private static NewReference Writable(BorrowedReference self)
    {
        PythonPeer.Of<AsgiServer>(self).OnWritable();
        return None();
    }

    private static NewReference Flush(BorrowedReference self)
    {
        PythonPeer.Of<AsgiServer>(self).OnTurnEnd();
        return None();
    }

    private static NewReference Stop(BorrowedReference self)
    {
        PythonPeer.Of<AsgiServer>(self).Stop();
        return None();
    }

    private static NewReference None() => new BorrowedReference(PyApi.None).ToNew();
}
