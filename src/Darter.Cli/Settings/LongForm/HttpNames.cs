namespace Darter.Cli.Settings.LongForm;

/// <summary>Names and values as HTTP allows them.</summary>
internal static class HttpNames
{
    /// <summary>Whether it is a token (RFC 9110, section 5.6.2): a method, or the name of a field or a cookie.</summary>
    internal static bool IsToken(string text) =>
        text.Length > 0 && text.All(character => char.IsAsciiLetterOrDigit(character) || "!#$%&'*+-.^_`|~".Contains(character, StringComparison.Ordinal));

    /// <summary>Whether it will do as a field's value: printable ASCII, on one line (RFC 9110, section 5.5).</summary>
    internal static bool IsValue(string text) => text.All(character => character is '\t' or (>= ' ' and < '\x7f'));

    /// <summary>Whether a field says how messages are told from each other or what becomes of the connection, which is the server's alone to say.</summary>
    internal static bool IsFraming(string name) => s_framing.Contains(name);

    private static readonly HashSet<string> s_framing = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Content-Length", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
    };
}
