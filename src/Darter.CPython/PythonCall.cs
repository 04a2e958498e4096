using System.Runtime.CompilerServices;
using Darter.CPython.Native;

namespace Darter.CPython;

/// <summary>Calls of Python objects with few arguments, the fastest way that the interpreter has.</summary>
public static unsafe class PythonCall
{
    /// <summary>PY_VECTORCALL_ARGUMENTS_OFFSET: the called function may use the place before the first argument.</summary>
    private static readonly nuint ArgumentsOffset = (nuint)1 << ((8 * sizeof(nuint)) - 1);

    /// <summary>Calls without arguments.</summary>
    public static NewReference Invoke(BorrowedReference callable) => PyApi.PyObject_CallObject(callable, default);

    /// <summary>Calls with one argument.</summary>
    public static NewReference Invoke(BorrowedReference callable, BorrowedReference argument)
    {
        nint* arguments = stackalloc nint[] { 0, argument.Pointer };
        return Invoke(callable, arguments + 1, 1);
    }

    /// <summary>Calls with two arguments.</summary>
    [SkipLocalsInit]
    public static NewReference Invoke(BorrowedReference callable, BorrowedReference first, BorrowedReference second)
    {
        nint* arguments = stackalloc nint[] { 0, first.Pointer, second.Pointer };
        return Invoke(callable, arguments + 1, 2);
    }

    /// <summary>Calls with three arguments.</summary>
    [SkipLocalsInit]
    public static NewReference Invoke(BorrowedReference callable, BorrowedReference first, BorrowedReference second, BorrowedReference third)
    {
        nint* arguments = stackalloc nint[] { 0, first.Pointer, second.Pointer, third.Pointer };
        return Invoke(callable, arguments + 1, 3);
    }

    /// <summary>Calls a method without arguments.</summary>
    public static NewReference Method(BorrowedReference self, BorrowedReference name)
    {
        if (PyApi.PyObject_VectorcallMethod != null)
        {
            nint* arguments = stackalloc nint[] { 0, self.Pointer };
            return PyApi.PyObject_VectorcallMethod(name, arguments + 1, 1 | ArgumentsOffset, 0);
        }

        using NewReference method = PyApi.PyObject_GetAttr(self, name);
        return method.IsNull ? default : Invoke(method);
    }

    /// <summary>Calls a method with one argument.</summary>
    public static NewReference Method(BorrowedReference self, BorrowedReference name, BorrowedReference argument)
    {
        if (PyApi.PyObject_VectorcallMethod != null)
        {
            nint* arguments = stackalloc nint[] { 0, self.Pointer, argument.Pointer };
            return PyApi.PyObject_VectorcallMethod(name, arguments + 1, 2 | ArgumentsOffset, 0);
        }

        using NewReference method = PyApi.PyObject_GetAttr(self, name);
        return method.IsNull ? default : Invoke(method, argument);
    }

    /// <summary>
    /// Calls with one positional argument and two keyword arguments. Only where the interpreter has
    /// <c>PyObject_Vectorcall</c> itself (3.11 and later).
    /// </summary>
    public static NewReference InvokeWithKeywords(BorrowedReference callable, BorrowedReference argument, BorrowedReference names, BorrowedReference first, BorrowedReference second)
    {
        nint* arguments = stackalloc nint[] { 0, argument.Pointer, first.Pointer, second.Pointer };
        return PyApi.PyObject_Vectorcall(callable, arguments + 1, 1 | ArgumentsOffset, names.Pointer);
    }

    /// <summary>Calls with arguments; there must be a word before the first that may be overwritten.</summary>
    public static NewReference Invoke(BorrowedReference callable, nint* arguments, nuint count)
    {
        if (PyApi.PyObject_Vectorcall != null)
        {
            return PyApi.PyObject_Vectorcall(callable, arguments, count | ArgumentsOffset, 0);
        }

        using NewReference tuple = PyApi.PyTuple_New((nint)count);
        if (tuple.IsNull)
        {
            return default;
        }

        for (nuint i = 0; i < count; i++)
        {
            _ = PyApi.PyTuple_SetItem(tuple, (nint)i, new BorrowedReference(arguments[i]).ToNew().Steal());
        }

        return PyApi.PyObject_Call(callable, tuple, default);
    }
}
