using System.Runtime.InteropServices;
using Darter.CPython;
using Darter.CPython.Native;

namespace Darter.Gateway.Wsgi;

/// <summary>
/// The functions that an application gets with a request: start_response, its write, wsgi.early_hints and
/// darter.client_disconnected. They serve one request after another as long as no application keeps one of them beyond
/// its request; then the next request gets new ones, and the kept ones are of no use.
/// </summary>
internal sealed class RequestCallables
{
    private HeldReference _ticket;
    private HeldReference _startResponse;
    private HeldReference _write;
    private HeldReference _earlyHints;
    private HeldReference _clientDisconnected;

    private RequestCallables(long serial) => Serial = serial;

    /// <summary>The number that the tickets of these functions carry.</summary>
    public long Serial { get; }

    /// <summary>How many environ templates hold <see cref="EarlyHints"/> and <see cref="ClientDisconnected"/>.</summary>
    public int Holders { get; set; }

    /// <summary>start_response.</summary>
    public BorrowedReference StartResponse => _startResponse.Borrow();

    /// <summary>What start_response returns.</summary>
    public BorrowedReference Write => _write.Borrow();

    /// <summary>wsgi.early_hints.</summary>
    public BorrowedReference EarlyHints => _earlyHints.Borrow();

    /// <summary>darter.client_disconnected.</summary>
    public BorrowedReference ClientDisconnected => _clientDisconnected.Borrow();

    /// <summary>Whether nobody but Darter has any of them.</summary>
    public bool AreUnshared =>
        ObjectLayout.HasReferences(StartResponse, 1)
        && ObjectLayout.HasReferences(Write, 1)
        && ObjectLayout.HasReferences(EarlyHints, (uint)(1 + Holders))
        && ObjectLayout.HasReferences(ClientDisconnected, (uint)(1 + Holders));

    /// <summary>Makes new ones. Null: a Python error is set.</summary>
    public static unsafe RequestCallables? Create(CallableTypes types, GCHandle server, long serial)
    {
        RequestCallables callables = new(serial);
        NewReference ticket = Ticket.Create(types.Ticket, server, serial);
        if (ticket.IsNull)
        {
            return null;
        }

        callables._ticket.Set(ticket);
        callables._startResponse.Set(PyApi.PyCFunction_NewEx(&types.Methods[CallableTypes.StartResponse], ticket, 0));
        callables._write.Set(PyApi.PyCFunction_NewEx(&types.Methods[CallableTypes.Write], ticket, 0));
        callables._earlyHints.Set(PyApi.PyCFunction_NewEx(&types.Methods[CallableTypes.EarlyHints], ticket, 0));
        callables._clientDisconnected.Set(PyApi.PyCFunction_NewEx(&types.Methods[CallableTypes.ClientDisconnected], ticket, 0));
        if (callables._startResponse.IsNull || callables._write.IsNull || callables._earlyHints.IsNull || callables._clientDisconnected.IsNull)
        {
            callables.Release();
            return null;
        }

        return callables;
    }

    /// <summary>Gives them up; an application may still have some.</summary>
    public void Release()
    {
        _startResponse.Clear();
        _write.Clear();
        _earlyHints.Clear();
        _clientDisconnected.Clear();
        _ticket.Clear();
    }
}
