using System.Collections.Frozen;
using System.Text;

namespace Darter.Server.Protocols;

/// <summary>Names of variables (RFC 3875, section 4.1).</summary>
internal static class CgiNames
{
    /// <summary>Longest name that is looked up, in bytes.</summary>
    internal const int LongestKnown = 64;

    private static readonly FrozenDictionary<string, CgiVariable> s_known = new Dictionary<string, CgiVariable>
    {
        ["REQUEST_METHOD"] = CgiVariable.Method,
        ["REQUEST_URI"] = CgiVariable.RequestUri,
        ["SCRIPT_NAME"] = CgiVariable.ScriptName,
        ["PATH_INFO"] = CgiVariable.PathInfo,
        ["QUERY_STRING"] = CgiVariable.QueryString,
        ["SERVER_PROTOCOL"] = CgiVariable.Protocol,
        ["SERVER_NAME"] = CgiVariable.ServerName,
        ["SERVER_PORT"] = CgiVariable.ServerPort,
        ["REMOTE_ADDR"] = CgiVariable.RemoteAddress,
        ["REMOTE_PORT"] = CgiVariable.RemotePort,
        ["CONTENT_TYPE"] = CgiVariable.ContentType,
        ["CONTENT_LENGTH"] = CgiVariable.ContentLength,
        ["HTTPS"] = CgiVariable.Https,
        ["REQUEST_SCHEME"] = CgiVariable.Scheme,
        ["UWSGI_SCHEME"] = CgiVariable.UwsgiScheme,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, CgiVariable>.AlternateLookup<ReadOnlySpan<char>> s_lookup =
        s_known.GetAlternateLookup<ReadOnlySpan<char>>();

    // The fields that most requests have.
    private static readonly FrozenDictionary<string, string> s_fields = new[]
    {
        "accept", "accept-encoding", "accept-language", "authorization", "cache-control", "cookie", "dnt", "host", "if-match",
        "if-modified-since", "if-none-match", "if-range", "origin", "pragma", "priority", "range", "referer", "sec-ch-ua",
        "sec-ch-ua-mobile", "sec-ch-ua-platform", "sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site", "sec-fetch-user",
        "upgrade-insecure-requests", "user-agent", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port",
        "x-forwarded-proto", "x-real-ip", "x-request-id", "x-requested-with",
    }.ToFrozenDictionary(name => name.Replace('-', '_').ToUpperInvariant(), StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> s_fieldLookup =
        s_fields.GetAlternateLookup<ReadOnlySpan<char>>();

    // They belong to the client's connection to the web server, which has dealt with them (RFC 9110, section 7.6.1); the two
    // of the body are variables without HTTP_.
    private static readonly FrozenSet<string> s_dropped = FrozenSet.Create(
        StringComparer.Ordinal,
        "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "content-length", "content-type");

    /// <summary>The variable of this name.</summary>
    internal static CgiVariable Find(ReadOnlySpan<byte> name)
    {
        if (name.Length > LongestKnown)
        {
            return CgiVariable.Other;
        }

        Span<char> characters = stackalloc char[LongestKnown];
        return s_lookup.TryGetValue(characters[..Encoding.Latin1.GetChars(name, characters)], out CgiVariable variable) ? variable : CgiVariable.Other;
    }

    /// <summary>The header field of a variable: its name without HTTP_, in lower case, with hyphens. Null: one that is not passed on.</summary>
    internal static string? FieldOf(ReadOnlySpan<byte> name)
    {
        if (name.Length <= LongestKnown)
        {
            Span<char> characters = stackalloc char[LongestKnown];
            if (s_fieldLookup.TryGetValue(characters[..Encoding.Latin1.GetChars(name, characters)], out string? known))
            {
                return known;
            }
        }

        string field = Encoding.Latin1.GetString(name).Replace('_', '-').ToLowerInvariant();
        return s_dropped.Contains(field) ? null : field;
    }
}
