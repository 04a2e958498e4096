using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;

namespace Darter.Gateway.Asgi;

/// <summary>
/// Takes the first step of tasks at once on interpreters whose tasks cannot be asked for it (before 3.12): a new task
/// schedules it by the loop's call_soon(step, context=context), so while one is made, the loop has an attribute of that name
/// before its method.
/// </summary>
/// <remarks>
/// Besides the turn of the loop that it spares, requests are then claimed one by one as they are run: those behind one that
/// blocks the loop can be taken back.
/// </remarks>
internal sealed unsafe class FirstSteps : PythonPeer
{
    private readonly AsgiServer _server;
    private readonly HeldReference _instead;
    private HeldReference _step;
    private HeldReference _context;
    private bool _isMaking;

    /// <summary>Creates it for the tasks of a server's loop.</summary>
    /// <exception cref="InvalidOperationException">Python is out of memory.</exception>
    public FirstSteps(AsgiServer server)
    {
        _server = server;
        CreateObject(server.Types.Ticket);
        PythonFunctions functions = new(1);
        int index = functions.Add("call_soon\0"u8, (nint)(delegate* unmanaged[Cdecl]<nint, nint*, nint, nint, nint>)&CallInstead, PyMethodDef.METH_FASTCALL_KEYWORDS);
        _instead = functions.Create(index, Object);
    }

    /// <summary>Whether the application has put a call_soon before the loop's, which is to be used then.</summary>
    public bool IsReplaced => !PyApi.PyDict_GetItemWithError(_server.Settings.LoopAttributes, _server.Keys.CallSoon).IsNull;

    /// <summary>
    /// Makes a task of a coroutine and takes its first step; not while <see cref="IsReplaced"/>. NULL: a Python error is set.
    /// </summary>
    public NewReference Start(BorrowedReference coroutine)
    {
        BorrowedReference attributes = _server.Settings.LoopAttributes;
        if (PyApi.PyDict_SetItem(attributes, _server.Keys.CallSoon, _instead.Borrow()) != 0)
        {
            return default;
        }

        _isMaking = true;
        NewReference task = PythonCall.Invoke(_server.Settings.NewTask, coroutine);
        _isMaking = false;
        if (task.IsNull)
        {
            FetchedError error = PythonError.Fetch();
            Remove(attributes);
            error.Restore();
        }
        else
        {
            Remove(attributes);
        }

        // The application may come back here from within the step.
        HeldReference step = _step;
        HeldReference context = _context;
        _step = default;
        _context = default;
        if (!step.IsNull)
        {
            if (!task.IsNull && IsStepOf(step.Borrow(), task))
            {
                Take(step.Borrow(), context.Borrow());
            }
            else
            {
                Schedule(step.Borrow(), context.Borrow());
            }

            step.Clear();
            context.Clear();
        }

        return task;
    }

    private void Remove(BorrowedReference attributes)
    {
        if (PyApi.PyDict_DelItem(attributes, _server.Keys.CallSoon) != 0)
        {
            // Somebody has taken it away already.
            PythonError.Clear();
        }
    }

    private bool IsStepOf(BorrowedReference step, BorrowedReference task)
    {
        using NewReference self = PyApi.PyObject_GetAttr(step, _server.Keys.Self);
        if (self.IsNull)
        {
            PythonError.Clear();
        }

        return self.Pointer == task.Pointer;
    }

    private void Take(BorrowedReference step, BorrowedReference context)
    {
        if (PyApi.PyContext_Enter(context) != 0)
        {
            PythonError.Clear();
            Schedule(step, context);
            return;
        }

        NewReference nothing = PythonCall.Invoke(step);
        if (nothing.IsNull)
        {
            // The task has it as its exception, too, if it is one that ends the worker.
            _server.OnStepFailed();
        }

        nothing.Dispose();
        _ = PyApi.PyContext_Exit(context);
    }

    /// <summary>Hands over to the loop what was no task's first step.</summary>
    private void Schedule(BorrowedReference callback, BorrowedReference context)
    {
        FetchedError error = PythonError.Fetch();
        using NewReference handle = PythonCall.Invoke(_server.Settings.StepSoon, callback, context);
        if (handle.IsNull)
        {
            PythonError.WriteUnraisable(callback);
        }

        error.Restore();
    }

    private static NewReference Instead(BorrowedReference self, nint* arguments, nint count, BorrowedReference names)
    {
        FirstSteps steps = Of<FirstSteps>(self);

        // What runs while a task is made, a finalizer say, may call it for its own ends, or keep it.
        if (!steps._isMaking || !steps._step.IsNull || count != 1 || names.IsNull || PyApi.PyTuple_Size(names) != 1)
        {
            return Forward(steps._server.Settings.CallSoon, arguments, count, names);
        }

        steps._step.Set(new BorrowedReference(arguments[0]).ToNew());
        steps._context.Set(new BorrowedReference(arguments[1]).ToNew());
        return new BorrowedReference(PyApi.None).ToNew();
    }

    private static NewReference Forward(BorrowedReference function, nint* arguments, nint count, BorrowedReference names)
    {
        using NewReference positional = PyApi.PyTuple_New(count);
        using NewReference keywords = PyApi.PyDict_New();
        if (positional.IsNull || keywords.IsNull)
        {
            return default;
        }

        for (nint i = 0; i < count; i++)
        {
            _ = PyApi.PyTuple_SetItem(positional, i, new BorrowedReference(arguments[i]).ToNew().Steal());
        }

        for (nint i = 0; !names.IsNull && i < PyApi.PyTuple_Size(names); i++)
        {
            if (PyApi.PyDict_SetItem(keywords, PyApi.PyTuple_GetItem(names, i), new BorrowedReference(arguments[count + i])) != 0)
            {
                return default;
            }
        }

        return PyApi.PyObject_Call(function, positional, keywords);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint CallInstead(nint self, nint* arguments, nint count, nint names) => Boundary.Call(&Instead, self, arguments, count, names);
}
