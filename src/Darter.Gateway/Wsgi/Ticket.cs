using System.Runtime.InteropServices;
using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;

namespace Darter.Gateway.Wsgi;

/// <summary>
/// Python objects that lead back to C#: in the space behind what <c>object</c> has, each holds a handle of its
/// <see cref="WsgiServer"/> and a serial number, which the server compares with that of the request that runs. An object
/// that the application kept for longer finds another number, and can do no harm.
/// </summary>
internal static unsafe class Ticket
{
    /// <summary>Size of an instance of a type of tickets.</summary>
    public static int InstanceSize => ObjectLayout.BaseSize + (2 * sizeof(long));

    /// <summary>Makes a ticket. NULL: a Python error is set.</summary>
    public static NewReference Create(BorrowedReference type, GCHandle server, long serial)
    {
        NewReference ticket = PyApi.PyType_GenericAlloc(type, 0);
        if (!ticket.IsNull)
        {
            long* space = (long*)(ticket.Pointer + ObjectLayout.BaseSize);
            space[0] = GCHandle.ToIntPtr(server);
            space[1] = serial;
        }

        return ticket;
    }

    /// <summary>The server of a ticket; null for one that Python code has made itself.</summary>
    public static WsgiServer? Read(BorrowedReference ticket, out long serial)
    {
        long* space = (long*)(ticket.Pointer + ObjectLayout.BaseSize);
        serial = space[1];
        return space[0] == 0 ? null : (WsgiServer?)GCHandle.FromIntPtr((nint)space[0]).Target;
    }

    /// <summary>Makes a type of tickets.</summary>
    /// <param name="name">Its name with the module, ending with a zero.</param>
    /// <param name="slots">Its slots, the last one zero.</param>
    public static NewReference CreateType(ReadOnlySpan<byte> name, ReadOnlySpan<PyTypeSlot> slots) =>
        PythonType.Create(name, InstanceSize, slots);
}
