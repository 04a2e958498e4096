using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;
using Darter.Wire;

namespace Darter.Gateway.Wsgi;

/// <summary>CONTENT_TYPE, CONTENT_LENGTH and HTTP_* of an environ. Fields that come again and again are built once.</summary>
internal sealed unsafe class EnvironHeaders
{
    private const int LongestKept = 256;

    private readonly ObjectCache _keys = new(256, 64);

    // Tuples (key, value) by the bytes of a field.
    private readonly ObjectCache _fields = new(512, LongestKept);

    /// <summary>Puts the fields in; those of one name are joined (RFC 9110, 5.3; cookies: RFC 9113, 8.2.3). False: a Python error is set.</summary>
    public bool Set(BorrowedReference environ, HeaderBlock headers)
    {
        nint size = PyApi.PyDict_Size(environ);
        foreach (HeaderBlock.Field field in headers)
        {
            // A cookie is one client's: it would push out what many have.
            bool isSet = field.Entry.Length <= LongestKept && !field.Name.SequenceEqual("cookie"u8)
                ? SetKept(environ, field)
                : SetNew(environ, field);
            if (!isSet)
            {
                return false;
            }

            nint sizeNow = PyApi.PyDict_Size(environ);
            if (sizeNow == size && !SetRepeated(environ, headers, field.Name))
            {
                return false;
            }

            size = sizeNow;
        }

        return true;
    }

    private bool SetKept(BorrowedReference environ, HeaderBlock.Field field)
    {
        if (!_fields.TryFind(field.Entry, out ulong hash, out BorrowedReference pair))
        {
            pair = _fields.Add(field.Entry, hash, Pair(field));
        }

        return !pair.IsNull
            && PyApi.PyDict_SetItem_Plain(environ, PyApi.PyTuple_GetItem(pair, 0), PyApi.PyTuple_GetItem(pair, 1)) == 0;
    }

    private bool SetNew(BorrowedReference environ, HeaderBlock.Field field)
    {
        BorrowedReference key = Key(field.Name);
        using NewReference value = PythonText.FromLatin1(field.Value);
        return !key.IsNull && !value.IsNull && PyApi.PyDict_SetItem_Plain(environ, key, value) == 0;
    }

    /// <summary>Sets a field that is there more than once: to all its values, or to the first where only one can be.</summary>
    private bool SetRepeated(BorrowedReference environ, HeaderBlock headers, ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> separator = name.SequenceEqual("cookie"u8) ? "; "u8 : ","u8;
        byte[] joined = new byte[headers.Bytes.Length];
        int length = 0;
        bool isFirst = true;
        foreach (HeaderBlock.Field field in headers)
        {
            if (!field.Name.SequenceEqual(name) || (!isFirst && HeaderName.IsSingle(name)))
            {
                continue;
            }

            if (!isFirst)
            {
                separator.CopyTo(joined.AsSpan(length));
                length += separator.Length;
            }

            field.Value.CopyTo(joined.AsSpan(length));
            length += field.Value.Length;
            isFirst = false;
        }

        BorrowedReference key = Key(name);
        using NewReference value = PythonText.FromLatin1(joined.AsSpan(0, length));
        return !key.IsNull && !value.IsNull && PyApi.PyDict_SetItem_Plain(environ, key, value) == 0;
    }

    private NewReference Pair(HeaderBlock.Field field)
    {
        BorrowedReference key = Key(field.Name);
        NewReference value = PythonText.FromLatin1(field.Value);
        NewReference pair = PyApi.PyTuple_New(2);
        if (key.IsNull || value.IsNull || pair.IsNull)
        {
            value.Dispose();
            pair.Dispose();
            return default;
        }

        _ = PyApi.PyTuple_SetItem(pair, 0, key.ToNew().Steal());
        _ = PyApi.PyTuple_SetItem(pair, 1, value.Steal());
        return pair;
    }

    private BorrowedReference Key(ReadOnlySpan<byte> name)
    {
        if (_keys.TryFind(name, out ulong hash, out BorrowedReference found))
        {
            return found;
        }

        Span<byte> buffer = name.Length <= 256 ? stackalloc byte[HeaderName.KeyLength(256)] : new byte[HeaderName.KeyLength(name.Length)];
        return _keys.Add(name, hash, PythonText.Interned(HeaderName.ToKey(name, buffer)));
    }
}
