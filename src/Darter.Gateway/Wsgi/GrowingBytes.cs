using Darter.CPython;
using Darter.CPython.Native;

namespace Darter.Gateway.Wsgi;

/// <summary>A bytes object that grows while it is filled, before anybody else has it.</summary>
internal unsafe ref struct GrowingBytes(nint capacity)
{
    private nint _bytes = PyApi.PyBytes_FromStringAndSize(null, capacity).Pointer;
    private nint _capacity = capacity;

    /// <summary>Bytes in it.</summary>
    public nint Length { get; private set; }

    /// <summary>Adds bytes. False: out of memory; a Python error is set and the object is gone.</summary>
    public bool Append(ReadOnlySpan<byte> content)
    {
        if (_bytes != 0 && Length + content.Length > _capacity)
        {
            _capacity = Math.Max(_capacity * 2, Length + content.Length);
            Resize(_capacity);
        }

        if (_bytes == 0)
        {
            return false;
        }

        content.CopyTo(new Span<byte>(PyApi.PyBytes_AsString(new BorrowedReference(_bytes)) + Length, content.Length));
        Length += content.Length;
        return true;
    }

    /// <summary>The object with what was added. NULL: a Python error is set.</summary>
    public NewReference Finish()
    {
        if (_bytes != 0 && Length != _capacity)
        {
            Resize(Length);
        }

        return new NewReference(_bytes);
    }

    /// <summary>Gives it up.</summary>
    public readonly void Drop() => new NewReference(_bytes).Dispose();

    private void Resize(nint size)
    {
        nint bytes = _bytes;
        _ = PyApi._PyBytes_Resize(&bytes, size);
        _bytes = bytes;
    }
}
