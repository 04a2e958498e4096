using System.Buffers;
using System.Globalization;
using System.Text;

namespace Darter.Server.Protocols;

/// <summary>
/// The request target that the variables of a gateway protocol mean. Web servers differ in what they send; the rules are those
/// that give an application the same path as behind uWSGI.
/// </summary>
internal static class CgiTarget
{
    // RFC 3986, section 3.3: what may stand in a path as it is.
    private static readonly SearchValues<char> s_pathCharacters =
        SearchValues.Create("/!$&'()*+,-.:;=@_~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Finds it.</summary>
    /// <param name="requestUri">REQUEST_URI, or null.</param>
    /// <param name="scriptName">SCRIPT_NAME, or null.</param>
    /// <param name="pathInfo">PATH_INFO, or null.</param>
    /// <param name="query">QUERY_STRING, or null.</param>
    /// <param name="target">Path and query, percent-encoded.</param>
    /// <param name="mount">The beginning of the decoded path at which the application is mounted; empty: it has all.</param>
    /// <returns>False: there is no path.</returns>
    internal static bool TryFind(string? requestUri, string? scriptName, string? pathInfo, string? query, out string target, out string mount)
    {
        mount = "";
        target = "";
        (string? rawPath, string? rawQuery) = Split(requestUri);
        query = query is null or "" ? rawQuery : query;
        string script = scriptName is null or "/" ? "" : scriptName.EndsWith('/') ? scriptName[..^1] : scriptName;
        string path;
        if (pathInfo is { Length: > 0 } || (pathInfo is not null && (script.Length > 0 || rawPath is null)))
        {
            // Both are said, and may be what the web server has rewritten the client's path to.
            mount = script;
            path = script + pathInfo;
            target = rawPath is not null && Decode(rawPath) == path ? rawPath : Encode(path);
        }
        else if (rawPath is not null)
        {
            // No PATH_INFO: some say the whole path as SCRIPT_NAME (fastcgi_params of nginx, mod_proxy_fcgi), which is no mount.
            path = Decode(rawPath);
            target = rawPath;
            mount = script.Length > 0 && path.Length > script.Length && path[script.Length] == '/' && path.StartsWith(script, StringComparison.Ordinal) ? script : "";
        }
        else if (script.Length > 0)
        {
            target = Encode(script);
        }

        if (target.Length == 0)
        {
            target = pathInfo is null && rawPath is null ? "" : "/";
        }

        if (target.Length > 0 && !string.IsNullOrEmpty(query))
        {
            target = $"{target}?{query}";
        }

        return target.Length > 0;
    }

    /// <summary>Decodes %XX; what is no such sequence stays as it is.</summary>
    internal static string Decode(string path)
    {
        if (!path.Contains('%', StringComparison.Ordinal))
        {
            return path;
        }

        StringBuilder decoded = new(path.Length);
        for (int i = 0; i < path.Length; i++)
        {
            if (path[i] == '%' && i + 2 < path.Length && char.IsAsciiHexDigit(path[i + 1]) && char.IsAsciiHexDigit(path[i + 2]))
            {
                decoded.Append((char)byte.Parse(path.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                i += 2;
            }
            else
            {
                decoded.Append(path[i]);
            }
        }

        return decoded.ToString();
    }

    /// <summary>Encodes a decoded path, whose characters are bytes.</summary>
    internal static string Encode(string path)
    {
        int plain = path.AsSpan().IndexOfAnyExcept(s_pathCharacters);
        if (plain < 0)
        {
            return path;
        }

        StringBuilder encoded = new(path, 0, plain, path.Length + 16);
        foreach (char character in path.AsSpan(plain))
        {
            if (s_pathCharacters.Contains(character))
            {
                encoded.Append(character);
            }
            else
            {
                encoded.Append(CultureInfo.InvariantCulture, $"%{(int)character:X2}");
            }
        }

        return encoded.ToString();
    }

    private static (string? Path, string? Query) Split(string? requestUri)
    {
        if (string.IsNullOrEmpty(requestUri))
        {
            return (null, null);
        }

        int authority = requestUri[0] == '/' ? -1 : requestUri.IndexOf("://", StringComparison.Ordinal);
        int path = authority < 0 ? 0 : requestUri.IndexOfAny(['/', '?'], authority + 3);
        string local = path < 0 ? "/" : requestUri[path..];
        int mark = local.IndexOf('?', StringComparison.Ordinal);
        return mark < 0 ? (local, null) : (mark == 0 ? "/" : local[..mark], local[(mark + 1)..]);
    }
}
