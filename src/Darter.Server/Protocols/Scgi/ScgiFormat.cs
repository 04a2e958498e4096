using System.Buffers;
using System.Globalization;

namespace Darter.Server.Protocols.Scgi;

/// <summary>
/// SCGI 1 (https://python.ca/scgi/protocol.txt): a netstring of names and values, each ended by a NUL; CONTENT_LENGTH first, and SCGI, which
/// is "1"; then the body.
/// </summary>
internal sealed class ScgiFormat : IHeadFormat
{
    // As much as the uwsgi protocol can have.
    private const int LargestHead = ushort.MaxValue;
    private const int MostDigits = 5;

    /// <inheritdoc/>
    public ResponseHeadForm Form => ResponseHeadForm.StatusField;

    /// <inheritdoc/>
    public HeadStatus Find(in ReadOnlySequence<byte> buffer, out int start, out int length, out int end, out string? cause)
    {
        start = length = end = 0;
        cause = null;
        Span<byte> header = stackalloc byte[MostDigits + 1];
        int available = (int)Math.Min(buffer.Length, header.Length);
        buffer.Slice(0, available).CopyTo(header);
        header = header[..available];
        int digits = header.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (digits < 0)
        {
            if (available <= MostDigits)
            {
                return HeadStatus.NeedMore;
            }

            cause = string.Create(CultureInfo.InvariantCulture, $"its variables are longer than {LargestHead} bytes");
            return HeadStatus.Malformed;
        }

        // A netstring's length has no leading zeros.
        if (digits == 0 || header[digits] != ':' || (header[0] == '0' && digits > 1))
        {
            cause = "it does not begin with a netstring";
            return HeadStatus.Malformed;
        }

        length = int.Parse(header[..digits], NumberStyles.None, CultureInfo.InvariantCulture);
        if (length > LargestHead)
        {
            cause = string.Create(CultureInfo.InvariantCulture, $"its variables are longer than {LargestHead} bytes");
            return HeadStatus.Malformed;
        }

        start = digits + 1;
        end = start + length + 1;
        if (buffer.Length < end)
        {
            return HeadStatus.NeedMore;
        }

        if (buffer.Slice(end - 1, 1).FirstSpan[0] != ',')
        {
            cause = "its netstring does not end with a comma";
            return HeadStatus.Malformed;
        }

        return HeadStatus.Complete;
    }

    /// <inheritdoc/>
    public string? Read(ReadOnlySpan<byte> variables, CgiRequest request)
    {
        bool isFirst = true;
        bool isScgi = false;
        while (!variables.IsEmpty)
        {
            if (!TryTake(ref variables, out ReadOnlySpan<byte> name) || !TryTake(ref variables, out ReadOnlySpan<byte> value))
            {
                return "its variables are not pairs of texts that a NUL ends";
            }

            if (isFirst && (!name.SequenceEqual("CONTENT_LENGTH"u8) || value.IsEmpty))
            {
                return "its first variable is not CONTENT_LENGTH";
            }

            isFirst = false;
            isScgi |= name.SequenceEqual("SCGI"u8) && value.SequenceEqual("1"u8);
            if (request.Add(name, value) is { } cause)
            {
                return cause;
            }
        }

        return isFirst ? "it has no variables" : isScgi ? null : "there is no SCGI=1 among its variables";
    }

    private static bool TryTake(ref ReadOnlySpan<byte> source, out ReadOnlySpan<byte> text)
    {
        int end = source.IndexOf((byte)0);
        text = end < 0 ? default : source[..end];
        source = end < 0 ? source : source[(end + 1)..];
        return end >= 0;
    }
}
