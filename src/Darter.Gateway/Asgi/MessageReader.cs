using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;

namespace Darter.Gateway.Asgi;

/// <summary>Reads the values of messages that the application sends.</summary>
internal static unsafe class MessageReader
{
    /// <summary>A value; None and what is missing are NULL. False: a Python error is set.</summary>
    public static bool TryGet(BorrowedReference message, BorrowedReference key, out BorrowedReference value)
    {
        value = PyApi.PyDict_GetItemWithError(message, key);
        if (value.IsNull)
        {
            return !PythonError.IsSet;
        }

        if (value.IsNone)
        {
            value = default;
        }

        return true;
    }

    /// <summary>Whether a value is true in Python's sense; what is missing is not. False: a Python error is set.</summary>
    public static bool TryGetFlag(BorrowedReference message, BorrowedReference key, out bool flag)
    {
        flag = false;
        if (!TryGet(message, key, out BorrowedReference value))
        {
            return false;
        }

        if (!value.IsNull && value.Pointer != PyApi.False)
        {
            int answer = value.Pointer == PyApi.True ? 1 : PyApi.PyObject_IsTrue(value);
            flag = answer == 1;
            return answer >= 0;
        }

        return true;
    }

    /// <summary>
    /// Bytes, or a copy of what is like bytes, as a new reference; NULL for what is missing. False: it is something else,
    /// and a Python error is set.
    /// </summary>
    public static bool TryGetBytes(BorrowedReference message, BorrowedReference key, string what, out NewReference bytes)
    {
        bytes = default;
        if (!TryGet(message, key, out BorrowedReference value))
        {
            return false;
        }

        if (value.IsNull)
        {
            return true;
        }

        if (PythonText.IsBytes(value))
        {
            bytes = value.ToNew();
            return true;
        }

        using NewReference view = PyApi.PyMemoryView_FromObject(value);
        if (view.IsNull)
        {
            PythonError.Clear();
            PythonError.Set(PyApi.PyExc_TypeError, $"{what} must be bytes, not {ApplicationObject.TypeName(value)}");
            return false;
        }

        bytes = PyApi.PyBytes_FromObject(view);
        return !bytes.IsNull;
    }

    /// <summary>An integer. False: it is missing or none, and a Python error is set.</summary>
    public static bool TryGetInteger(BorrowedReference value, string what, out long number)
    {
        number = 0;
        if (value.IsNull || PyApi.PyObject_IsInstance(value, new BorrowedReference(PyApi.PyLong_Type)) != 1)
        {
            PythonError.Set(PyApi.PyExc_TypeError, $"{what} must be an int, not {(value.IsNull ? "NoneType" : ApplicationObject.TypeName(value))}");
            return false;
        }

        number = PyApi.PyLong_AsLongLong(value);
        return number != -1 || !PythonError.IsSet;
    }
}
