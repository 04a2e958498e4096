using System.Buffers;
using System.Globalization;
using Darter.Wire;

namespace Darter.Server.Applications;

/// <summary>
/// The chunked coding (RFC 9112, section 7.1) for responses with a trailer section, which the HTTP server cannot write
/// over HTTP/1.1: what has Transfer-Encoding already it passes on as it is.
/// </summary>
internal static class ChunkedFraming
{
    // RFC 9110, section 6.5.1: what frames, routes or authenticates a message has no business at its end.
    private static readonly HashSet<string> NotInTrailers = new(StringComparer.OrdinalIgnoreCase)
    {
        "transfer-encoding", "content-length", "host", "trailer", "te", "connection", "keep-alive", "upgrade",
        "content-encoding", "content-type", "content-range", "cache-control", "authorization", "set-cookie", "location",
    };

    /// <summary>Writes what comes before a chunk's bytes.</summary>
    internal static void WriteStart(IBufferWriter<byte> writer, long length)
    {
        Span<byte> start = stackalloc byte[18];
        length.TryFormat(start, out int size, "x", CultureInfo.InvariantCulture);
        "\r\n"u8.CopyTo(start[size..]);
        writer.Write(start[..(size + 2)]);
    }

    /// <summary>Writes what comes behind a chunk's bytes.</summary>
    internal static void WriteEnd(IBufferWriter<byte> writer) => writer.Write("\r\n"u8);

    /// <summary>Writes the last chunk and the trailer section, made by <see cref="SectionOf"/>.</summary>
    internal static void WriteLast(IBufferWriter<byte> writer, ReadOnlySpan<byte> section)
    {
        writer.Write("0\r\n"u8);
        writer.Write(section);
        writer.Write("\r\n"u8);
    }

    /// <summary>The lines of a trailer section.</summary>
    internal static byte[] SectionOf(HeaderBlock trailers)
    {
        ArrayBufferWriter<byte> section = new();
        foreach (HeaderBlock.Field field in trailers)
        {
            if (IsAllowed(field))
            {
                section.Write(field.Name);
                section.Write(": "u8);
                section.Write(field.Value);
                section.Write("\r\n"u8);
            }
        }

        return section.WrittenSpan.ToArray();
    }

    /// <summary>Whether a field may be sent as a trailer.</summary>
    internal static bool IsAllowed(HeaderBlock.Field field) =>
        field.Value.IndexOfAny((byte)'\r', (byte)'\n', (byte)0) < 0
        && field.Name.IndexOfAnyExcept(TokenBytes) < 0
        && !NotInTrailers.Contains(System.Text.Encoding.ASCII.GetString(field.Name));

    private static readonly SearchValues<byte> TokenBytes =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"u8);
}
