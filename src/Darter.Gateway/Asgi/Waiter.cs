using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;

namespace Darter.Gateway.Asgi;

/// <summary>
/// What a task waits for while it awaits an <see cref="AwaitedCall"/>: an object with the protocol of asyncio's futures
/// (<c>_asyncio_future_blocking</c>, get_loop, add_done_callback, cancel, result). Unlike a future it can resume its task
/// at once, when the channel's reader wakes it: that spares a turn of the loop.
/// </summary>
internal sealed unsafe class Waiter : PythonPeer
{
    private readonly AsgiServer _server;
    private HeldReference _callback;
    private HeldReference _context;
    private HeldReference _message;
    private State _state;

    /// <summary>Creates one.</summary>
    public Waiter(AsgiServer server)
    {
        _server = server;
        CreateObject(server.Types.Waiter);
    }

    private enum State
    {
        Pending,
        Done,
        Cancelled,
    }

    /// <summary>Where the attribute _asyncio_future_blocking lies in the Python object.</summary>
    public static int BlockingOffset => SpaceOffset;

    /// <summary>Whether it was cancelled.</summary>
    public bool IsCancelled => _state == State.Cancelled;

    /// <summary>Whether the wait is over.</summary>
    public bool IsDone => _state != State.Pending;

    /// <summary>The loop that it belongs to.</summary>
    public BorrowedReference Loop => _server.Settings.Loop;

    /// <summary>Makes it ready for a wait, as a future is when it is yielded.</summary>
    public void Begin()
    {
        _state = State.Pending;
        *(byte*)(Object.Pointer + BlockingOffset) = 1;
    }

    /// <summary>Gives its Python object up, which somebody still has.</summary>
    public void GiveUp() => Release();

    /// <summary>Takes what is to be called when the wait is over. False: a Python error is set.</summary>
    public bool TryAddCallback(BorrowedReference callback, BorrowedReference context)
    {
        if (!_callback.IsNull || IsDone)
        {
            PythonError.Set(PyApi.PyExc_RuntimeError, "the wait for a message belongs to one task");
            return false;
        }

        _callback.Set(callback.ToNew());
        _context.Set(context.IsNull ? default : context.ToNew());
        return true;
    }

    /// <summary>Forgets a callback. Returns how many there were.</summary>
    public int RemoveCallback(BorrowedReference callback)
    {
        if (_callback.IsNull || !_callback.Borrow().Is(callback))
        {
            return 0;
        }

        _callback.Clear();
        _context.Clear();
        return 1;
    }

    /// <summary>Ends the wait by a CancelledError in the task. False: it is over already.</summary>
    public bool TryCancel(BorrowedReference message)
    {
        if (IsDone)
        {
            return false;
        }

        _state = State.Cancelled;
        _message.Set(message.IsNull ? default : message.ToNew());
        CallSoon();
        return true;
    }

    /// <summary>Raises the CancelledError of a wait that was cancelled.</summary>
    public void RaiseCancelled()
    {
        if (_message.IsNull || _message.Borrow().IsNone)
        {
            PyApi.PyErr_SetObject(_server.Settings.CancelledError, new BorrowedReference(PyApi.None));
        }
        else
        {
            PyApi.PyErr_SetObject(_server.Settings.CancelledError, _message.Borrow());
        }
    }

    /// <summary>Ends the wait: resumes the task, at once if no other one runs.</summary>
    /// <param name="exchange">What the task is about.</param>
    public void Wake(AsgiExchange exchange)
    {
        if (IsDone)
        {
            return;
        }

        _state = State.Done;
        if (!_server.CanStep || _context.IsNull)
        {
            CallSoon();
        }
        else if (!_callback.IsNull)
        {
            Step(exchange);
        }
    }

    /// <inheritdoc/>
    protected override void OnDeallocated()
    {
        _callback.Clear();
        _context.Clear();
        _message.Clear();
    }

    private void Step(AsgiExchange exchange)
    {
        // The task may wait again, with this very object, before the call returns.
        HeldReference callback = _callback;
        HeldReference context = _context;
        _callback = default;
        _context = default;
        _server.BeginStep(exchange);
        if (PyApi.PyContext_Enter(context.Borrow()) == 0)
        {
            NewReference nothing = PythonCall.Invoke(callback.Borrow(), Object);
            if (nothing.IsNull)
            {
                _server.OnStepFailed();
            }

            nothing.Dispose();
            _ = PyApi.PyContext_Exit(context.Borrow());
        }
        else
        {
            PythonError.WriteUnraisable(callback.Borrow());
        }

        _server.EndStep(exchange);
        context.Clear();
        callback.Clear();
    }

    private void CallSoon()
    {
        if (_callback.IsNull)
        {
            return;
        }

        BorrowedReference context = _context.IsNull ? new BorrowedReference(PyApi.None) : _context.Borrow();
        using NewReference nothing = PythonCall.Invoke(_server.Settings.WakeSoon, _callback.Borrow(), Object, context);
        if (nothing.IsNull)
        {
            PythonError.WriteUnraisable(_server.Settings.WakeSoon);
        }

        _callback.Clear();
        _context.Clear();
    }
}
