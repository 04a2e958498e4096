using Darter.CPython;
using Darter.CPython.Native;

namespace Darter.Gateway.Runtime;

/// <summary>
/// The border between Python and C#: what Python calls runs inside one of these, so that no exception leaves C# (that
/// would abort the process); it becomes a Python RuntimeError.
/// </summary>
internal static unsafe class Boundary
{
    /// <summary>A method of an object with arguments as METH_FASTCALL | METH_KEYWORDS passes them.</summary>
    public static nint Call(delegate*<BorrowedReference, nint*, nint, BorrowedReference, NewReference> body, nint self, nint* arguments, nint count, nint names)
    {
        try
        {
            return body(new BorrowedReference(self), arguments, count, new BorrowedReference(names)).Pointer;
        }
        catch (Exception e)
        {
            return Failed(e);
        }
    }

    /// <summary>A method of an object with arguments as METH_FASTCALL passes them.</summary>
    public static nint Call(delegate*<BorrowedReference, nint*, nint, NewReference> body, nint self, nint* arguments, nint count)
    {
        try
        {
            return body(new BorrowedReference(self), arguments, count).Pointer;
        }
        catch (Exception e)
        {
            return Failed(e);
        }
    }

    /// <summary>A method of an object without arguments.</summary>
    public static nint Call(delegate*<BorrowedReference, NewReference> body, nint self)
    {
        try
        {
            return body(new BorrowedReference(self)).Pointer;
        }
        catch (Exception e)
        {
            return Failed(e);
        }
    }

    /// <summary>A method of an object with one argument as METH_O passes it.</summary>
    public static nint Call(delegate*<BorrowedReference, BorrowedReference, NewReference> body, nint self, nint argument)
    {
        try
        {
            return body(new BorrowedReference(self), new BorrowedReference(argument)).Pointer;
        }
        catch (Exception e)
        {
            return Failed(e);
        }
    }

    /// <summary>Sets the Python error of an exception. Returns NULL.</summary>
    public static nint Failed(Exception e)
    {
        if (!PythonError.IsSet)
        {
            PythonError.Set(PyApi.PyExc_RuntimeError, $"darter: {e.Message}");
        }

        return 0;
    }
}
