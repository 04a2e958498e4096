using System.Security.Cryptography;
using System.Text;
using Darter.Transport.Files;

namespace Darter.Server.Files;

/// <summary>Several ranges in one response (RFC 9110, section 14.6).</summary>
internal sealed class MultipartRanges
{
    private readonly IReadOnlyList<ByteRange> _ranges;
    private readonly byte[][] _heads;
    private readonly byte[] _end;

    internal MultipartRanges(IReadOnlyList<ByteRange> ranges, long fileLength, string type)
    {
        // Random, so that nobody can prepare a file with the boundary in it.
        string boundary = RandomNumberGenerator.GetHexString(32, lowercase: true);
        _ranges = ranges;
        _heads = [.. ranges.Select((range, index) => Encoding.ASCII.GetBytes(
            $"{(index == 0 ? "" : "\r\n")}--{boundary}\r\nContent-Type: {type}\r\nContent-Range: {range.ToContentRange(fileLength)}\r\n\r\n"))];
        _end = Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n");
        ContentType = $"multipart/byteranges; boundary={boundary}";
        ContentLength = _heads.Sum(head => (long)head.Length) + ranges.Sum(range => range.Length) + _end.Length;
    }

    /// <summary>The response's media type.</summary>
    internal string ContentType { get; }

    /// <summary>The length of the body in bytes.</summary>
    internal long ContentLength { get; }

    /// <summary>Writes the body.</summary>
    internal async Task SendAsync(BodyWriter body, OpenedFile file)
    {
        for (int i = 0; i < _ranges.Count; i++)
        {
            ByteRange range = _ranges[i];
            if (!await body.WriteAsync(_heads[i]).ConfigureAwait(false) ||
                !await body.WriteAsync(file, range.Offset, range.Length).ConfigureAwait(false))
            {
                return;
            }
        }

        await body.WriteAsync(_end).ConfigureAwait(false);
    }
}
