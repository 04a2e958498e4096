using System.Buffers;
using System.Globalization;

namespace Darter.Server.Observability;

/// <summary>Memory in which one line after the other is put together; one for each thread.</summary>
internal sealed class LineBuffer : IBufferWriter<byte>
{
    private const int Kept = 16 * 1024;

    [ThreadStatic]
    private static LineBuffer? _ofThread;

    // What neither ends a line nor a quoted string, nor steers a terminal.
    private static readonly SearchValues<char> Plain =
        SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(value => (char)value).Except(['"', '\\'])]);

    private byte[] _bytes = new byte[1024];
    private int _length;

    /// <summary>The buffer of the calling thread, empty.</summary>
    internal static LineBuffer Take()
    {
        LineBuffer buffer = _ofThread ??= new LineBuffer();
        if (buffer._bytes.Length > Kept)
        {
            buffer._bytes = new byte[Kept];
        }

        buffer._length = 0;
        return buffer;
    }

    internal ReadOnlySpan<byte> Span => _bytes.AsSpan(0, _length);

    /// <inheritdoc/>
    public void Advance(int count) => _length += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Ensure(Math.Max(sizeHint, 256));
        return _bytes.AsMemory(_length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Ensure(Math.Max(sizeHint, 256));
        return _bytes.AsSpan(_length);
    }

    /// <summary>Appends bytes as they are.</summary>
    internal void Append(ReadOnlySpan<byte> bytes)
    {
        Ensure(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>Appends a number.</summary>
    internal void Append(long value)
    {
        Ensure(20);
        value.TryFormat(_bytes.AsSpan(_length), out int digits, default, CultureInfo.InvariantCulture);
        _length += digits;
    }

    /// <summary>Appends <paramref name="microseconds"/> as seconds with six digits behind the point.</summary>
    internal void AppendSeconds(long microseconds)
    {
        Append(microseconds / 1_000_000);
        Ensure(7);
        _bytes[_length++] = (byte)'.';
        (microseconds % 1_000_000).TryFormat(_bytes.AsSpan(_length), out int digits, "D6", CultureInfo.InvariantCulture);
        _length += digits;
    }

    /// <summary>
    /// Appends text, each character a byte (Latin-1), so that no client can end the line or a quoted string in it: a quote
    /// as <c>\"</c>, a backslash as <c>\\</c>, all that is not printable ASCII as <c>\xHH</c>.
    /// </summary>
    internal void AppendEscaped(ReadOnlySpan<char> text)
    {
        while (true)
        {
            int plain = text.IndexOfAnyExcept(Plain);
            ReadOnlySpan<char> part = plain < 0 ? text : text[..plain];
            Ensure(part.Length);
            System.Text.Ascii.FromUtf16(part, _bytes.AsSpan(_length), out int written);
            _length += written;
            if (plain < 0)
            {
                return;
            }

            AppendEscape((byte)text[plain]);
            text = text[(plain + 1)..];
        }
    }

    /// <summary>As <see cref="AppendEscaped"/>, one character.</summary>
    internal void AppendEscape(byte value)
    {
        Ensure(4);
        if (value is >= (byte)' ' and <= (byte)'~')
        {
            if (value is (byte)'"' or (byte)'\\')
            {
                _bytes[_length++] = (byte)'\\';
            }

            _bytes[_length++] = value;
            return;
        }

        _bytes[_length++] = (byte)'\\';
        _bytes[_length++] = (byte)'x';
        value.TryFormat(_bytes.AsSpan(_length), out int digits, "x2", CultureInfo.InvariantCulture);
        _length += digits;
    }

    private void Ensure(int more)
    {
        if (_bytes.Length - _length < more)
        {
            Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, _length + more));
        }
    }
}
