using System.Text;
using Darter.CPython.Native;

namespace Darter.CPython;

/// <summary>Python's current error: setting, testing and taking it.</summary>
public static unsafe class PythonError
{
    /// <summary>Whether an error is set.</summary>
    public static bool IsSet => !PyApi.PyErr_Occurred().IsNull;

    /// <summary>Sets an error of the given type (one of <see cref="PyApi"/>'s <c>PyExc_</c> or a class).</summary>
    public static void Set(nint type, string message)
    {
        fixed (byte* pointer = Encoding.UTF8.GetBytes(message + '\0'))
        {
            PyApi.PyErr_SetString(new BorrowedReference(type), pointer);
        }
    }

    /// <summary>Sets an error and returns NULL, as a function called by Python must.</summary>
    public static NewReference Raise(nint type, string message)
    {
        Set(type, message);
        return default;
    }

    /// <summary>Whether the current error is of the given type.</summary>
    public static bool Is(nint type) => PyApi.PyErr_ExceptionMatches(new BorrowedReference(type)) != 0;

    /// <summary>Drops the current error.</summary>
    public static void Clear() => PyApi.PyErr_Clear();

    /// <summary>Takes the current error: it is no longer set.</summary>
    public static FetchedError Fetch()
    {
        nint type, value, traceback;
        PyApi.PyErr_Fetch(&type, &value, &traceback);
        PyApi.PyErr_NormalizeException(&type, &value, &traceback);
        return new FetchedError(type, value, traceback);
    }

    /// <summary>Hands the current error to <c>sys.unraisablehook</c>: nobody else can be told.</summary>
    public static void WriteUnraisable(BorrowedReference where) => PyApi.PyErr_WriteUnraisable(where);
}
