using System.Buffers;
using System.Text;

namespace Darter.Server.Hub;

/// <summary>
/// A response in GRIP's JSON: <c>code</c>, <c>reason</c>, <c>headers</c> (an object, or a list of pairs), and <c>body</c> or
/// <c>body-bin</c>.
/// </summary>
internal static class HttpMessageJson
{
    private static readonly SearchValues<char> s_token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    // RFC 9110, section 7.6.1, and what follows from the body: the server's own to say.
    private static readonly HashSet<string> s_ours = new(StringComparer.OrdinalIgnoreCase)
    {
        "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "content-length",
    };

    /// <summary>Reads it.</summary>
    /// <exception cref="System.Text.Json.JsonException">Something is wrong with it.</exception>
    internal static HubResponseMessage Read(JsonMembers format, HubAction action, bool needsBody)
    {
        List<KeyValuePair<string, string>> headers = [];
        foreach ((string name, string value) in format.Pairs("headers"))
        {
            if (!IsField(name, value))
            {
                throw format.Error("has a header field whose name or value HTTP does not allow");
            }

            if (!s_ours.Contains(name))
            {
                headers.Add(new(name, OnTheWire(value)));
            }
        }

        string reason = format.Text("reason") ?? "";
        if (!IsText(reason))
        {
            throw format.Error("has a 'reason' that HTTP does not allow");
        }

        byte[]? body = format.Bytes("body", "body-bin");
        return body is null && needsBody
            ? throw format.Error("has neither 'body' nor 'body-bin'")
            : new HubResponseMessage(action, format.Number("code", 200, 599) ?? 200, OnTheWire(reason), headers, body ?? []);
    }

    /// <summary>Whether HTTP allows such a field.</summary>
    internal static bool IsField(string name, string value) => name.Length > 0 && !name.AsSpan().ContainsAnyExcept(s_token) && IsText(value);

    /// <summary>Header values are bytes to the server, one for each character: here those of UTF-8.</summary>
    private static string OnTheWire(string value) => Ascii.IsValid(value) ? value : Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(value));

    private static bool IsText(string value) => !value.AsSpan().ContainsAnyInRange('\0', '\b') && !value.AsSpan().ContainsAnyInRange('\n', '\u001f') && !value.Contains('\u007f');
}
