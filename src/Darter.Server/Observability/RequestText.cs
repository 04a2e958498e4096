using System.Buffers.Text;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Observability;

/// <summary>Parts of a request as a log shows them.</summary>
internal static class RequestText
{
    /// <summary>The path of a target, not decoded.</summary>
    internal static ReadOnlySpan<char> PathOf(string target)
    {
        int mark = target.IndexOf('?', StringComparison.Ordinal);
        return mark < 0 ? target : target.AsSpan(0, mark);
    }

    /// <summary>The query of a target, without its question mark.</summary>
    internal static ReadOnlySpan<char> QueryOf(string target)
    {
        int mark = target.IndexOf('?', StringComparison.Ordinal);
        return mark < 0 ? default : target.AsSpan(mark + 1);
    }

    /// <summary>The user's name of Basic authentication (RFC 7617), or null.</summary>
    internal static string? UserOf(StringValues authorization)
    {
        if (authorization.Count != 1 || authorization[0] is not { } value || !value.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        ReadOnlySpan<char> code = value.AsSpan("Basic ".Length).Trim();
        byte[] bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(code.Length)];
        if (!Convert.TryFromBase64Chars(code, bytes, out int length))
        {
            return null;
        }

        int colon = bytes.AsSpan(0, length).IndexOf((byte)':');
        return Encoding.Latin1.GetString(bytes, 0, colon < 0 ? length : colon);
    }
}
