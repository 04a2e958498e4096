using System.Text;
using Darter.CPython;
using Darter.CPython.Native;

namespace Darter.Gateway.Runtime;

/// <summary>Objects that the application hands over: are they what they should be?</summary>
internal static class ApplicationObject
{
    /// <summary>Whether it is of a type or a subclass; otherwise a TypeError that says so is set.</summary>
    public static unsafe bool IsInstance(BorrowedReference value, nint type, string what, string expected)
    {
        int answer = PyApi.PyObject_IsInstance(value, new BorrowedReference(type));
        if (answer == 0)
        {
            PythonError.Set(PyApi.PyExc_TypeError, $"{what} must be {expected}, not {TypeName(value)}");
        }

        return answer == 1;
    }

    /// <summary>Name of the type of an object, for messages.</summary>
    public static unsafe string TypeName(BorrowedReference value)
    {
        using NewReference type = PyApi.PyObject_Type(value);
        fixed (byte* attribute = "__name__"u8)
        {
            using NewReference name = PyApi.PyObject_GetAttrString(type, attribute);
            if (!name.IsNull && PythonText.TryGetUtf8(name, out ReadOnlySpan<byte> utf8))
            {
                return Encoding.UTF8.GetString(utf8);
            }
        }

        PythonError.Clear();
        return "an object";
    }
}
