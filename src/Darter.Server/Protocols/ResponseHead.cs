using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Protocols;

/// <summary>Writes the head of a response for a web server, which adds what belongs to the client's connection.</summary>
internal static class ResponseHead
{
    private static readonly SearchValues<char> s_notInValue = SearchValues.Create("\r\n\0");
    private static readonly SearchValues<char> s_token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Makes sure that nothing in the head ends it early.</summary>
    /// <exception cref="InvalidOperationException">Something does.</exception>
    internal static void Check(string? reason, HeaderDictionary headers)
    {
        if (reason is not null && reason.AsSpan().ContainsAny(s_notInValue))
        {
            throw new InvalidOperationException("The reason phrase has a line break.");
        }

        foreach (KeyValuePair<string, StringValues> field in headers)
        {
            if (field.Key.Length == 0 || field.Key.AsSpan().ContainsAnyExcept(s_token))
            {
                throw new InvalidOperationException("The name of a response header field has a character that it cannot have.");
            }

            foreach (string? value in field.Value)
            {
                if (value.AsSpan().ContainsAny(s_notInValue))
                {
                    throw new InvalidOperationException($"The response header field {field.Key} has a line break.");
                }
            }
        }
    }

    /// <summary>Writes it.</summary>
    internal static void Write(IBufferWriter<byte> output, ResponseHeadForm form, int status, string? reason, HeaderDictionary headers)
    {
        output.Write(form == ResponseHeadForm.StatusLine ? "HTTP/1.1 "u8 : "Status: "u8);
        Span<byte> digits = output.GetSpan(4);
        _ = status.TryFormat(digits, out int length);
        digits[length] = (byte)' ';
        output.Advance(length + 1);
        Write(output, reason ?? ReasonPhrases.GetReasonPhrase(status));
        output.Write("\r\n"u8);
        foreach (KeyValuePair<string, StringValues> field in headers)
        {
            if (IsOfConnection(field.Key))
            {
                continue;
            }

            foreach (string? value in field.Value)
            {
                Write(output, field.Key);
                output.Write(": "u8);
                Write(output, value ?? "");
                output.Write("\r\n"u8);
            }
        }

        output.Write("\r\n"u8);
    }

    /// <summary>RFC 9110, section 7.6.1; and <c>Status</c>, which would be taken for the one of CGI.</summary>
    private static bool IsOfConnection(string name) =>
        name.Equals("connection", StringComparison.OrdinalIgnoreCase)
        || name.Equals("transfer-encoding", StringComparison.OrdinalIgnoreCase)
        || name.Equals("keep-alive", StringComparison.OrdinalIgnoreCase)
        || name.Equals("upgrade", StringComparison.OrdinalIgnoreCase)
        || name.Equals("trailer", StringComparison.OrdinalIgnoreCase)
        || name.Equals("status", StringComparison.OrdinalIgnoreCase);

    private static void Write(IBufferWriter<byte> output, string text)
    {
        Span<byte> destination = output.GetSpan(text.Length);
        output.Advance(Encoding.Latin1.GetBytes(text, destination));
    }
}
