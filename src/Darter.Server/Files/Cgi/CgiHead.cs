using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Darter.Server.Files.Cgi;

/// <summary>The header fields that a program writes before its body (RFC 3875, section 6.3).</summary>
internal static class CgiHead
{
    // RFC 9110, section 5.6.2.
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    // The connection is the server's, and so is the length: it sends as much as the program writes.
    private static readonly string[] Ours = ["Connection", "Keep-Alive", "Transfer-Encoding", "Upgrade", "Trailer", "Content-Length", "Date"];

    /// <summary>Where the body begins behind the empty line, or -1: that has not come.</summary>
    internal static int FindBody(ReadOnlySpan<byte> output)
    {
        int start = 0;
        while (output[start..].IndexOf((byte)'\n') is >= 0 and var length)
        {
            ReadOnlySpan<byte> line = output.Slice(start, length);
            start += length + 1;
            if (line.IsEmpty || line.SequenceEqual("\r"u8))
            {
                return start;
            }
        }

        return -1;
    }

    /// <summary>Puts the fields into a response. False: they are none, and the response is as before.</summary>
    internal static bool TryApply(ReadOnlySpan<byte> head, IHeaderDictionary headers, out int status)
    {
        status = 0;
        List<(string Name, string Value)> fields = [];
        foreach (string line in Encoding.Latin1.GetString(head).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string field = line.TrimEnd('\r');
            if (field.Length == 0)
            {
                continue;
            }

            int colon = field.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || field.AsSpan(0, colon).ContainsAnyExcept(TokenCharacters) || field.AsSpan(colon).ContainsAnyInRange('\0', '\b'))
            {
                return false;
            }

            fields.Add((field[..colon], field[(colon + 1)..].Trim()));
        }

        bool hasType = false;
        bool hasLocation = false;
        foreach ((string name, string value) in fields)
        {
            if (name.Equals("Status", StringComparison.OrdinalIgnoreCase)
                && !(int.TryParse(value.Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out status) && status is >= 200 and <= 599))
            {
                return false;
            }

            hasType |= name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase);
            hasLocation |= name.Equals("Location", StringComparison.OrdinalIgnoreCase);
        }

        if (fields.Count == 0 || (!hasType && !hasLocation && status == 0))
        {
            return false;
        }

        foreach ((string name, string value) in fields)
        {
            if (!name.Equals("Status", StringComparison.OrdinalIgnoreCase) && !Ours.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                headers.Append(name, value);
            }
        }

        status = status != 0 ? status : hasLocation ? StatusCodes.Status302Found : StatusCodes.Status200OK;
        return true;
    }
}
