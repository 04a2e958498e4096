using System.Buffers;
using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;

namespace Darter.Gateway.Asgi;

/// <summary>The header fields of a message, pairs of bytes, checked and encoded as a header block.</summary>
internal sealed class AsgiHeaders : ResponseFields
{
    /// <summary>What a field value must not have (RFC 9110, 5.5): controls but for the horizontal tab.</summary>
    private static readonly SearchValues<byte> Controls = SearchValues.Create(
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 127]);

    private byte[] _lower = new byte[64];

    /// <summary>Adds the fields of an iterable of (name, value); NULL has none. False: it is not valid; a Python error is set.</summary>
    public unsafe bool TryAddAll(BorrowedReference iterable)
    {
        if (iterable.IsNull)
        {
            return true;
        }

        if (ObjectLayout.TypeOf(iterable) == PyApi.PyList_Type)
        {
            return TryAddList(iterable);
        }

        using NewReference list = PyApi.PySequence_List(iterable);
        return !list.IsNull && TryAddList(list);
    }

    /// <summary>Adds a field whose value was not checked. False: it is not valid; a Python error is set.</summary>
    public bool TryAddValue(ReadOnlySpan<byte> lower, BorrowedReference value)
    {
        if (!IsBytes(value, "a header value"))
        {
            return false;
        }

        return IsValue(PythonText.BytesOf(value)) && TryAdd(lower, ResponseFieldKind.Normal, PythonText.BytesOf(value));
    }

    private unsafe bool TryAddList(BorrowedReference list)
    {
        // The size is asked for each time: what only looks like a pair can run Python code that changes the list.
        for (nint i = 0; i < PyApi.PyList_Size(list); i++)
        {
            BorrowedReference item = PyApi.PyList_GetItem(list, i);
            bool added = ObjectLayout.TypeOf(item) == PyApi.PyTuple_Type && PyApi.PyTuple_Size(item) == 2
                ? TryAddPair(PyApi.PyTuple_GetItem(item, 0), PyApi.PyTuple_GetItem(item, 1))
                : TryAddSequence(item);
            if (!added)
            {
                return false;
            }
        }

        return true;
    }

    private unsafe bool TryAddSequence(BorrowedReference item)
    {
        using NewReference pair = PyApi.PySequence_List(item);
        if (pair.IsNull)
        {
            return false;
        }

        if (PyApi.PyList_Size(pair) != 2)
        {
            PythonError.Set(PyApi.PyExc_ValueError, "each header must have a name and a value");
            return false;
        }

        return TryAddPair(PyApi.PyList_GetItem(pair, 0), PyApi.PyList_GetItem(pair, 1));
    }

    private bool TryAddPair(BorrowedReference name, BorrowedReference value)
    {
        if (!IsBytes(name, "a header name") || !IsBytes(value, "a header value"))
        {
            return false;
        }

        ReadOnlySpan<byte> given = PythonText.BytesOf(name);
        if (!IsToken(given))
        {
            return TryAdd(given, ResponseFieldKind.Invalid, default);
        }

        if (_lower.Length < given.Length)
        {
            _lower = new byte[given.Length];
        }

        _ = System.Text.Ascii.ToLower(given, _lower, out int length);
        ReadOnlySpan<byte> lower = _lower.AsSpan(0, length);
        ReadOnlySpan<byte> text = PythonText.BytesOf(value);
        return IsValue(text) && TryAdd(lower, Classify(lower), text);
    }

    private static bool IsBytes(BorrowedReference value, string what) =>
        PythonText.IsBytes(value) || ApplicationObject.IsInstance(value, PyApi.PyBytes_Type, what, "bytes");

    private static bool IsValue(ReadOnlySpan<byte> value)
    {
        if (!value.ContainsAny(Controls))
        {
            return true;
        }

        PythonError.Set(PyApi.PyExc_ValueError, "a header value contains a control character");
        return false;
    }
}
