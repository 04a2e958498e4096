namespace Darter.Server;

/// <summary>What a request is for.</summary>
internal static class RequestTarget
{
    /// <summary>Path and query: an absolute form is reduced to them (RFC 9112, section 3.2.2).</summary>
    internal static string Reduce(string raw)
    {
        if (raw.Length > 0 && (raw[0] == '/' || raw == "*"))
        {
            return raw;
        }

        int authority = raw.IndexOf("://", StringComparison.Ordinal);
        int path = authority < 0 ? -1 : raw.IndexOfAny(['/', '?'], authority + 3);
        return path < 0 ? "/" : raw[path] == '?' ? "/" + raw[path..] : raw[path..];
    }
}
