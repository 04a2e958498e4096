using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;

namespace Darter.Gateway.Wsgi;

/// <summary>The header list of a response, checked and encoded as a header block.</summary>
internal sealed class ResponseHeaders(ResponseFieldName names) : ResponseFields
{
    private byte[] _scratch = [];

    /// <summary>Reads a list of (name, value). False: it is not valid; a Python error is set.</summary>
    public unsafe bool TrySet(BorrowedReference list)
    {
        Clear();
        if (ObjectLayout.TypeOf(list) != PyApi.PyList_Type)
        {
            // A subclass of list is copied to be one. It may run Python code, which is why the copy is read.
            using NewReference copy = ApplicationObject.IsInstance(list, PyApi.PyList_Type, "the headers", "a list") ? PyApi.PySequence_List(list) : default;
            return !copy.IsNull && TryAddAll(copy);
        }

        return TryAddAll(list);
    }

    private unsafe bool TryAddAll(BorrowedReference list)
    {
        // The size is asked for each time: what only looks like a str can run Python code that changes the list.
        for (nint i = 0; i < PyApi.PyList_Size(list); i++)
        {
            BorrowedReference item = PyApi.PyList_GetItem(list, i);
            if (ObjectLayout.TypeOf(item) != PyApi.PyTuple_Type || PyApi.PyTuple_Size(item) != 2)
            {
                PythonError.Set(PyApi.PyExc_TypeError, "each header must be a tuple (name, value)");
                return false;
            }

            BorrowedReference name = PyApi.PyTuple_GetItem(item, 0);
            BorrowedReference value = PyApi.PyTuple_GetItem(item, 1);
            if (!(PythonText.IsStr(name) && PythonText.IsStr(value) ? TryAdd(name, value) : TryAddKeeping(item, name, value)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Adds what is no exact str, to which asking for its type may do anything: the tuple is to outlive it.</summary>
    private bool TryAddKeeping(BorrowedReference item, BorrowedReference name, BorrowedReference value)
    {
        using NewReference kept = item.ToNew();
        return TryAdd(name, value);
    }

    private bool TryAdd(BorrowedReference name, BorrowedReference value) =>
        names.TryGet(name, out ReadOnlySpan<byte> lower, out ResponseFieldKind kind)
        && ApplicationText.TryGet(value, "a header value", ref _scratch, out ReadOnlySpan<byte> text)
        && TryAdd(lower, kind, text);
}
