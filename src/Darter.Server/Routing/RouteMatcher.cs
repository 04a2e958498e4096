using System.Net;
using System.Text.RegularExpressions;
using Darter.Server.Configuration.Routes;
using Darter.Server.Proxies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Routing;

/// <summary>Decides whether a route is for a request.</summary>
internal sealed class RouteMatcher
{
    private readonly Wildcard[] _hosts;
    private readonly Wildcard[] _paths;
    private readonly RouteExpression[] _hostExpressions;
    private readonly RouteExpression[] _pathExpressions;
    private readonly bool _anyHost;
    private readonly bool _anyPath;
    private readonly string[] _methods;
    private readonly (string Name, Wildcard Value)[] _fields;
    private readonly TrustedAddresses? _sources;
    private readonly string? _scheme;
    private readonly string _mount;

    internal RouteMatcher(RouteMatch match, string mount)
    {
        _hosts = [.. match.Hosts.Where(host => !RouteExpression.Is(host)).Select(host => new Wildcard(host.ToLowerInvariant()))];
        _paths = [.. match.Paths.Where(path => !RouteExpression.Is(path)).Select(path => new Wildcard(path))];
        _hostExpressions = Expressions(match.Hosts, ignoreCase: true);
        _pathExpressions = Expressions(match.Paths, ignoreCase: false);
        _anyHost = match.Hosts.Count == 0;
        _anyPath = match.Paths.Count == 0;
        _methods = [.. match.Methods];
        _fields = [.. match.Fields.Select(field => (field.Key, new Wildcard(field.Value)))];
        _sources = match.Sources;
        _scheme = match.Scheme;
        _mount = mount;
    }

    /// <summary>Whether the route is for a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="rest">What the last <c>*</c> of the path's pattern stands for; null: there is none.</param>
    /// <param name="captures">What regular expressions have captured; null: none was needed.</param>
    internal bool Matches(RouteQuery request, out string? rest, out RouteCaptures? captures)
    {
        rest = null;
        Match? path = null;
        Match? host = null;
        bool matches = (_methods.Length == 0 || _methods.Contains(request.Method))
            && (_anyPath || MatchesPath(request.Path, out rest) || Find(_pathExpressions, request.Path, out path))
            && (_mount.Length == 0 || IsBelow(request.Path, _mount))
            && (_anyHost || MatchesAny(_hosts, request.Host) || Find(_hostExpressions, request.Host, out host))
            && (_scheme is null || _scheme == request.Scheme)
            && (_sources is null || MatchesSource(request.Client))
            && MatchesFields(request.Headers);
        captures = !matches || (path is null && host is null) ? null : new RouteCaptures(path, host, IsName(request.Host));
        return matches;
    }

    private static RouteExpression[] Expressions(IReadOnlyList<string> patterns, bool ignoreCase) =>
    [
        .. patterns.Where(RouteExpression.Is).Select(pattern => RouteExpression.TryParse(pattern, ignoreCase, out RouteExpression? expression, out string? error)
            ? expression
            : throw new ArgumentException($"{pattern}: {error}", nameof(patterns))),
    ];

    private static bool Find(RouteExpression[] expressions, string text, out Match? match)
    {
        foreach (RouteExpression expression in expressions)
        {
            match = expression.Find(text);
            if (match is not null)
            {
                return true;
            }
        }

        match = null;
        return false;
    }

    /// <summary>What is captured of a host may come to stand in an address, so it must be one.</summary>
    private static bool IsName(string host) => Uri.CheckHostName(host.Trim('[', ']')) != UriHostNameType.Unknown;

    /// <summary>Whether a client is one of these; without an address it is not.</summary>
    private bool MatchesSource(IPAddress? client) => client is not null && _sources!.Contains(client);

    private bool MatchesPath(string path, out string? rest)
    {
        foreach (Wildcard pattern in _paths)
        {
            if (pattern.Matches(path, out Range range))
            {
                rest = path[range];
                return true;
            }
        }

        rest = null;
        return false;
    }

    private bool MatchesFields(IHeaderDictionary headers)
    {
        foreach ((string name, Wildcard value) in _fields)
        {
            if (!headers.TryGetValue(name, out StringValues values) || !MatchesValue(value, values))
            {
                return false;
            }
        }

        return true;
    }

    private static bool MatchesValue(Wildcard pattern, StringValues values)
    {
        foreach (string? value in values)
        {
            if (pattern.Matches(value))
            {
                return true;
            }
        }

        return false;
    }

    private static bool MatchesAny(Wildcard[] patterns, string text)
    {
        foreach (Wildcard pattern in patterns)
        {
            if (pattern.Matches(text))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsBelow(string path, string mount) =>
        path.StartsWith(mount, StringComparison.Ordinal) && (path.Length == mount.Length || path[mount.Length] == '/');
}
