using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;

namespace Darter.Gateway.Asgi;

/// <summary>What happens when asyncio calls a method of a <see cref="Waiter"/>.</summary>
internal static unsafe class WaiterCalls
{
    /// <summary>get_loop().</summary>
    public static NewReference GetLoop(BorrowedReference self) => PythonPeer.Of<Waiter>(self).Loop.ToNew();

    /// <summary>add_done_callback(callback, *, context=None).</summary>
    public static NewReference AddDoneCallback(BorrowedReference self, nint* arguments, nint count, BorrowedReference names)
    {
        nint total = count + (names.IsNull ? 0 : PyApi.PyTuple_Size(names));
        if (count != 1 || total > 2)
        {
            return PythonError.Raise(PyApi.PyExc_TypeError, "add_done_callback takes (callback, *, context=None)");
        }

        BorrowedReference context = new(total == 2 && arguments[1] != PyApi.None ? arguments[1] : 0);
        return PythonPeer.Of<Waiter>(self).TryAddCallback(new BorrowedReference(arguments[0]), context) ? None() : default;
    }

    /// <summary>remove_done_callback(callback).</summary>
    public static NewReference RemoveDoneCallback(BorrowedReference self, BorrowedReference callback) =>
        PyApi.PyLong_FromLongLong(PythonPeer.Of<Waiter>(self).RemoveCallback(callback));

    /// <summary>cancel(msg=None).</summary>
    public static NewReference Cancel(BorrowedReference self, nint* arguments, nint count, BorrowedReference names)
    {
        nint total = count + (names.IsNull ? 0 : PyApi.PyTuple_Size(names));
        return total > 1
            ? PythonError.Raise(PyApi.PyExc_TypeError, "cancel takes (msg=None)")
            : Bool(PythonPeer.Of<Waiter>(self).TryCancel(new BorrowedReference(total == 1 ? arguments[0] : 0)));
    }

    /// <summary>cancelled().</summary>
    public static NewReference Cancelled(BorrowedReference self) => Bool(PythonPeer.Of<Waiter>(self).IsCancelled);

    /// <summary>done().</summary>
    public static NewReference Done(BorrowedReference self) => Bool(PythonPeer.Of<Waiter>(self).IsDone);

    /// <summary>result() and exception(): None, or CancelledError.</summary>
    public static NewReference Result(BorrowedReference self)
    {
        Waiter waiter = PythonPeer.Of<Waiter>(self);
        if (!waiter.IsCancelled)
        {
            return None();
        }

        waiter.RaiseCancelled();
        return default;
    }

    private static NewReference None() => new BorrowedReference(PyApi.None).ToNew();

    private static NewReference Bool(bool value) => new BorrowedReference(value ? PyApi.True : PyApi.False).ToNew();
}
