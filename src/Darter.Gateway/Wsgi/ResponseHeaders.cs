using System.Buffers.Binary;
using Darter.CPython;
using Darter.CPython.Native;
using Darter.Wire;

namespace Darter.Gateway.Wsgi;

/// <summary>The header list of a response, checked and encoded as a header block.</summary>
internal sealed class ResponseHeaders(ResponseFieldName names)
{
    /// <summary>What the block may take of a frame: the rest is for the status and the first piece of the body.</summary>
    private const int LargestBlock = ChannelFormat.MaxPayload - ChannelFormat.MaxBodyChunk - 1024;

    private byte[] _block = new byte[1024];
    private byte[] _scratch = [];
    private int _length = 2;

    /// <summary>The header block.</summary>
    public ReadOnlySpan<byte> Block => _block.AsSpan(0, _length);

    /// <summary>Content-Length as the application gave it, or -1.</summary>
    public long ContentLength { get; private set; }

    /// <summary>Whether a field was dropped because it belongs to the connection.</summary>
    public bool DroppedField { get; private set; }

    /// <summary>Reads a list of (name, value). False: it is not valid; a Python error is set.</summary>
    public unsafe bool TrySet(BorrowedReference list)
    {
        Clear();
        if (ObjectLayout.TypeOf(list) != PyApi.PyList_Type)
        {
            // A subclass of list is copied to be one. It may run Python code, which is why the copy is read.
            using NewReference copy = ApplicationText.IsInstance(list, PyApi.PyList_Type, "the headers", "a list") ? PyApi.PySequence_List(list) : default;
            return !copy.IsNull && TryAddAll(copy);
        }

        return TryAddAll(list);
    }

    /// <summary>No fields.</summary>
    public void Clear()
    {
        _length = 2;
        _block[0] = _block[1] = 0;
        ContentLength = -1;
        DroppedField = false;
    }

    /// <summary>Adds a field of the server's own.</summary>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        int needed = _length + 4 + name.Length + value.Length;
        if (needed > _block.Length)
        {
            Array.Resize(ref _block, Math.Max(needed, _block.Length * 2));
        }

        _length += HeaderBlock.WriteField(_block.AsSpan(_length), name, value);
        BinaryPrimitives.WriteUInt16LittleEndian(_block, (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(_block) + 1));
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

    private bool TryAdd(BorrowedReference name, BorrowedReference value)
    {
        if (!names.TryGet(name, out ReadOnlySpan<byte> lower, out ResponseFieldKind kind)
            || !ApplicationText.TryGet(value, "a header value", ref _scratch, out ReadOnlySpan<byte> text))
        {
            return false;
        }

        switch (kind)
        {
            case ResponseFieldKind.ContentLength:
                return TrySetContentLength(text);
            case ResponseFieldKind.Connection when text.Trim((byte)' ').Length == 5 && System.Text.Ascii.EqualsIgnoreCase(text.Trim((byte)' '), "close"u8):
                Add(lower, "close"u8);
                return true;
            case ResponseFieldKind.Connection or ResponseFieldKind.HopByHop:
                DroppedField = true;
                return true;
            case ResponseFieldKind.Invalid:
                PythonError.Set(PyApi.PyExc_ValueError, "a header name is not a token");
                return false;
            default:
                if (text.Length > ChannelFormat.MaxHeaderField || _length + lower.Length + text.Length > LargestBlock)
                {
                    PythonError.Set(PyApi.PyExc_ValueError, "the headers are too long");
                    return false;
                }

                Add(lower, text);
                return true;
        }
    }

    private bool TrySetContentLength(ReadOnlySpan<byte> text)
    {
        if (!System.Buffers.Text.Utf8Parser.TryParse(text, out long length, out int read) || read != text.Length || !char.IsAsciiDigit((char)text[0])
            || (ContentLength >= 0 && ContentLength != length))
        {
            PythonError.Set(PyApi.PyExc_ValueError, "Content-Length is not one decimal number");
            return false;
        }

        ContentLength = length;
        return true;
    }
}
