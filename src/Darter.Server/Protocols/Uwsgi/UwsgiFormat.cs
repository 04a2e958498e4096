using System.Buffers;
using System.Buffers.Binary;

namespace Darter.Server.Protocols.Uwsgi;

/// <summary>
/// The uwsgi protocol (uwsgi-docs, Protocol.rst): modifier1 (1), size of the variables (2, little-endian), modifier2 (1); then for
/// each variable the length of its name (2), the name, the length of its value (2), the value.
/// </summary>
internal sealed class UwsgiFormat : IHeadFormat
{
    private const int HeaderSize = 4;

    /// <inheritdoc/>
    public ResponseHeadForm Form => ResponseHeadForm.StatusLine;

    /// <inheritdoc/>
    public HeadStatus Find(in ReadOnlySequence<byte> buffer, out int start, out int length, out int end, out string? cause)
    {
        start = HeaderSize;
        length = end = 0;
        cause = null;
        Span<byte> header = stackalloc byte[HeaderSize];
        int available = (int)Math.Min(buffer.Length, HeaderSize);
        buffer.Slice(0, available).CopyTo(header);
        if (available > 0 && header[0] is (byte)'G' or (byte)'P' or (byte)'H' or (byte)'D' or (byte)'O')
        {
            // Modifiers of these numbers are not in use; the first letters of methods are.
            cause = "it begins with a request of HTTP";
            return HeadStatus.Malformed;
        }

        if (available < HeaderSize)
        {
            return HeadStatus.NeedMore;
        }

        if (header[0] != 0 || header[3] != 0)
        {
            cause = $"it has the modifiers {header[0]} and {header[3]}, and only 0 (a request of WSGI) is served";
            return HeadStatus.Unsupported;
        }

        length = BinaryPrimitives.ReadUInt16LittleEndian(header[1..]);
        end = HeaderSize + length;
        return buffer.Length < end ? HeadStatus.NeedMore : HeadStatus.Complete;
    }

    /// <inheritdoc/>
    public string? Read(ReadOnlySpan<byte> variables, CgiRequest request)
    {
        while (!variables.IsEmpty)
        {
            if (!TryTake(ref variables, out ReadOnlySpan<byte> name) || !TryTake(ref variables, out ReadOnlySpan<byte> value))
            {
                return "the lengths of its variables do not add up";
            }

            if (request.Add(name, value) is { } cause)
            {
                return cause;
            }
        }

        return null;
    }

    private static bool TryTake(ref ReadOnlySpan<byte> source, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (source.Length < 2 || source.Length - 2 < BinaryPrimitives.ReadUInt16LittleEndian(source))
        {
            return false;
        }

        text = source.Slice(2, BinaryPrimitives.ReadUInt16LittleEndian(source));
        source = source[(2 + text.Length)..];
        return true;
    }
}
