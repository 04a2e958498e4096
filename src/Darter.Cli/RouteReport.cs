using System.Globalization;
using Darter.Server.Configuration;
using Darter.Server.Configuration.Routes;

namespace Darter.Cli;

/// <summary>Routes and upstreams as an operator reads them.</summary>
internal static class RouteReport
{
    /// <summary>A line for each route, the first that fits first, and one for what fits none.</summary>
    internal static IEnumerable<string> Routes(IReadOnlyList<RouteConfig> routes, IReadOnlyList<AppConfig> apps)
    {
        IEnumerable<string[]> rows = routes.Select(route => (string[])[route.Name, MatchOf(route.Match), ActionOf(route.Action), RulesOf(route)]);
        string[] last = ["", "anything else", apps.Count == 1 ? $"app {apps[0].Name}" : "404", ""];
        return Table.Format(["ROUTE", "REQUESTS", "ANSWER", "RULES"], [.. rows, last]);
    }

    /// <summary>A line for each upstream.</summary>
    internal static IEnumerable<string> Upstreams(IReadOnlyDictionary<string, UpstreamConfig> upstreams) => Table.Format(
        ["UPSTREAM", "POLICY", "DESTINATIONS"],
        upstreams.OrderBy(upstream => upstream.Key, StringComparer.Ordinal).Select(upstream => (string[])
        [
            upstream.Key,
            PolicyOf(upstream.Value.Policy),
            string.Join(", ", upstream.Value.Destinations.Select(destination => destination.Weight == 1 ? destination.Address : Invariant($"{destination.Address} (weight {destination.Weight})"))),
        ]));

    /// <summary>Who answers, in words.</summary>
    internal static string ActionOf(RouteAction action) => action switch
    {
        AppAction app => app.Mount.Length > 0 ? $"app {app.App} at {app.Mount}" : $"app {app.App}",
        FilesAction files => $"files of {files.Folder.Folder}{(files.FallsThrough ? ", else the next route" : "")}",
        UpstreamAction upstream => $"upstream {upstream.Upstream}",
        RedirectAction redirect => Invariant($"{redirect.Status} to {redirect.To}"),
        ResponseAction response => Invariant($"{response.Status}"),
        _ => action.ToString(),
    };

    /// <summary>Which requests, in words.</summary>
    internal static string MatchOf(RouteMatch match)
    {
        List<string> parts = [];
        if (match.Methods.Count > 0)
        {
            parts.Add(string.Join('|', match.Methods));
        }

        if (match.Scheme is { } scheme)
        {
            parts.Add($"{scheme}:");
        }

        string host = string.Join('|', match.Hosts);
        string path = string.Join('|', match.Paths);
        if (host.Length + path.Length > 0)
        {
            parts.Add(match.Hosts.Count > 1 || match.Paths.Count > 1 ? $"{host} {path}".Trim() : host + path);
        }

        parts.AddRange(match.Fields.Select(field => $"{field.Key}: {field.Value}"));
        if (match.Sources is not null)
        {
            parts.Add("from certain addresses");
        }

        return parts.Count == 0 ? "all" : string.Join(' ', parts);
    }

    private static string RulesOf(RouteConfig route)
    {
        List<string> rules = [];
        Add(route.Rewrite is not null, $"rewrite {route.Rewrite}");
        Add(route.RequestFields.Count > 0, "request headers");
        Add(route.ResponseFields.Count > 0, "response headers");
        Add(route.Allow is not null, "allow");
        Add(route.Deny is not null, "deny");
        Add(route.Users.Count > 0, "auth");
        Add(route.RateLimit is not null, Invariant($"{route.RateLimit?.Requests} in {route.RateLimit?.Per.TotalSeconds} s"));
        Add(route.LimitRequestBody is not null, Invariant($"body up to {route.LimitRequestBody}"));
        Add(route.Timeout is not null, Invariant($"timeout {route.Timeout?.TotalSeconds} s"));
        Add(route.Cache is not null, route.Cache is not { IsOn: true } cache ? "no cache" : cache.Ttl is { } ttl ? Invariant($"cache {ttl.TotalSeconds} s") : "cache");
        return string.Join(", ", rules);

        void Add(bool isThere, string text)
        {
            if (isThere)
            {
                rules.Add(text);
            }
        }
    }

    private static string PolicyOf(UpstreamPolicy policy) => policy switch
    {
        UpstreamPolicy.RoundRobin => "round-robin",
        UpstreamPolicy.Random => "random",
        UpstreamPolicy.LeastRequests => "least-requests",
        _ => "power-of-two",
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
