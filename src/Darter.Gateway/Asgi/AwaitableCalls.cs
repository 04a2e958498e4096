using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;

namespace Darter.Gateway.Asgi;

/// <summary>What happens when Python calls a method of an <see cref="AwaitedCall"/>, or of what is done at once.</summary>
internal static unsafe class AwaitableCalls
{
    /// <summary>Next: the object to wait for; NULL at the end, with StopIteration if there is a value.</summary>
    public static NewReference Next(BorrowedReference self)
    {
        AwaitOutcome outcome = PythonPeer.Of<AwaitedCall>(self).Step(out NewReference result);
        return outcome == AwaitOutcome.Return ? Stop(result) : result;
    }

    /// <summary>send(value), as of a coroutine.</summary>
    public static NewReference Send(BorrowedReference self, BorrowedReference value)
    {
        AwaitOutcome outcome = PythonPeer.Of<AwaitedCall>(self).Step(out NewReference result);
        return outcome == AwaitOutcome.Return ? Stop(result) : result;
    }

    /// <summary>throw(type[, value[, traceback]]), as of a coroutine: it ends with this exception.</summary>
    public static NewReference Throw(BorrowedReference self, nint* arguments, nint count)
    {
        PythonPeer.Of<AwaitedCall>(self).Abandon();
        return ThrowDone(self, arguments, count);
    }

    /// <summary>close(), as of a coroutine.</summary>
    public static NewReference Close(BorrowedReference self)
    {
        PythonPeer.Of<AwaitedCall>(self).Abandon();
        return new BorrowedReference(PyApi.None).ToNew();
    }

    /// <summary>send(value) of what is done at once.</summary>
    public static NewReference SendDone(BorrowedReference self) => Stop(new BorrowedReference(PyApi.None).ToNew());

    /// <summary>throw() of what is done at once.</summary>
    public static NewReference ThrowDone(BorrowedReference self, nint* arguments, nint count)
    {
        if (count is < 1 or > 3)
        {
            return PythonError.Raise(PyApi.PyExc_TypeError, "throw takes one to three arguments");
        }

        BorrowedReference first = new(arguments[0]);
        if (PyApi.PyObject_IsInstance(first, new BorrowedReference(PyApi.PyExc_BaseException)) == 1)
        {
            using NewReference type = PyApi.PyObject_Type(first);
            PyApi.PyErr_SetObject(type, first);
            return default;
        }

        PyApi.PyErr_Restore(Argument(arguments, count, 0), Argument(arguments, count, 1), Argument(arguments, count, 2));
        return default;
    }

    /// <summary>close() of what is done at once.</summary>
    public static NewReference CloseDone(BorrowedReference self) => new BorrowedReference(PyApi.None).ToNew();

    private static StolenReference Argument(nint* arguments, nint count, nint index) =>
        index >= count || arguments[index] == PyApi.None ? default : new BorrowedReference(arguments[index]).ToNew().Steal();

    private static NewReference Stop(NewReference value)
    {
        PyApi.PyErr_SetObject(new BorrowedReference(PyApi.PyExc_StopIteration), value);
        value.Dispose();
        return default;
    }
}
