using Darter.CPython.Native;

namespace Darter.CPython;

/// <summary>Python's str and bytes from and to spans.</summary>
public static unsafe class PythonText
{
    /// <summary>A str of bytes of which each is one character (ISO 8859-1), as PEP 3333 wants it.</summary>
    public static NewReference FromLatin1(scoped ReadOnlySpan<byte> text)
    {
        fixed (byte* pointer = text)
        {
            return PyApi.PyUnicode_DecodeLatin1(pointer, text.Length, null);
        }
    }

    /// <summary>A str of UTF-8; what is no UTF-8 becomes U+FFFD.</summary>
    public static NewReference FromUtf8(scoped ReadOnlySpan<byte> text)
    {
        fixed (byte* pointer = text)
        fixed (byte* errors = "replace"u8)
        {
            return PyApi.PyUnicode_DecodeUTF8(pointer, text.Length, errors);
        }
    }

    /// <summary>The interned str of a literal, which must end with a zero.</summary>
    public static NewReference Interned(scoped ReadOnlySpan<byte> zeroTerminated)
    {
        fixed (byte* pointer = zeroTerminated)
        {
            return PyApi.PyUnicode_InternFromString(pointer);
        }
    }

    /// <summary>
    /// A str (or a subclass) as UTF-8 in memory of the object itself, so valid as long as it is. False: it is none, or has
    /// lone surrogates; a Python error is set.
    /// </summary>
    public static bool TryGetUtf8(BorrowedReference text, out ReadOnlySpan<byte> utf8)
    {
        nint length;
        byte* pointer = PyApi.PyUnicode_AsUTF8AndSize(text, &length);
        utf8 = new ReadOnlySpan<byte>(pointer, pointer == null ? 0 : (int)length);
        return pointer != null;
    }

    /// <summary>Bytes of a copy.</summary>
    public static NewReference Bytes(scoped ReadOnlySpan<byte> content)
    {
        fixed (byte* pointer = content)
        {
            return PyApi.PyBytes_FromStringAndSize(pointer, content.Length);
        }
    }

    /// <summary>The content of exact bytes in memory of the object itself.</summary>
    public static ReadOnlySpan<byte> BytesOf(BorrowedReference bytes) =>
        new(PyApi.PyBytes_AsString(bytes), checked((int)PyApi.PyBytes_Size(bytes)));

    /// <summary>Whether it is an exact str.</summary>
    public static bool IsStr(BorrowedReference value) => ObjectLayout.TypeOf(value) == PyApi.PyUnicode_Type;

    /// <summary>Whether it is exact bytes.</summary>
    public static bool IsBytes(BorrowedReference value) => ObjectLayout.TypeOf(value) == PyApi.PyBytes_Type;
}
