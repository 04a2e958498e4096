using System.Globalization;
using System.Text.RegularExpressions;
using Darter.Cli.Settings.Shapes;
using Darter.Server.Configuration;
using Darter.Server.Configuration.Routes;

namespace Darter.Cli.Settings.LongForm;

/// <summary>Makes a route from its table.</summary>
/// <param name="folder">The file's folder, from which relative paths are meant.</param>
/// <param name="upstreams">The upstreams that there are.</param>
internal sealed partial class RouteBinder(string folder, IReadOnlyCollection<string> upstreams)
{
    // Of applications, and of other servers.
    private static readonly string[] s_ofServers = ["cache", "timeout"];

    private static readonly string[] s_actions = ["app", "files", "upstream", "redirect", "response"];

    /// <summary>The route; null, with what is wrong in the reader's report.</summary>
    internal RouteConfig? Bind(TableReader table)
    {
        int before = table.Report.Count;
        if (ActionOf(table) is not { } action)
        {
            return null;
        }

        RouteConfig route = new()
        {
            Name = $"{table.Report.File}:{table.Line.ToString(CultureInfo.InvariantCulture)}",
            Match = new RouteMatch
            {
                Hosts = Patterns(table, "host", IsHost, "a host without scheme and port, such as example.org, *.example.org or ~^(?<name>[a-z]+)\\.example\\.org$"),
                Paths = Patterns(table, "path", IsPath, "a path, such as /static/*, *.php or ~^/shop/([0-9]+)$"),
                Methods = Patterns(table, "method", HttpNames.IsToken, "a method, such as GET"),
                Fields = table.Pairs("headers"),
                Sources = Addresses(table, "source"),
                Scheme = table.Text("scheme"),
            },
            Action = action,
            Rewrite = RewriteOf(table),
            RequestFields = Changes(table, "request_headers"),
            ResponseFields = Changes(table, "response_headers"),
            Allow = Addresses(table, "allow"),
            Deny = Addresses(table, "deny"),
            RateLimit = RateLimitOf(table),
            LimitRequestBody = table.Size("limit_request_body"),
            Timeout = table.Duration("timeout"),
            Cache = table.Truth("cache") is { } isOn ? new RouteCache(isOn)
                : table.Table("cache", RouteShapes.Cache) is { } cache ? new RouteCache(true, cache.Duration("ttl")) : null,
        };
        CheckExpressions(table, route);
        if (table.Table("auth", RouteShapes.Auth) is { } auth)
        {
            route = route with { Users = UsersOf(auth), Realm = auth.Text("realm") ?? route.Realm };
        }

        return table.Report.Count == before ? route : null;
    }

    private RouteAction? ActionOf(TableReader table)
    {
        string[] given = [.. s_actions.Where(table.Has)];
        if (given.Length != 1)
        {
            table.Error(given.Length == 0
                ? $"says not who answers: one of {string.Join(", ", s_actions)}"
                : $"says twice who answers: {string.Join(" and ", given)}");
            return null;
        }

        if (table.Has("mount") && given[0] != "app")
        {
            table.Error("mount", "is for applications only");
        }

        foreach (string key in s_ofServers.Where(key => given[0] is not ("app" or "upstream") && table.Has(key)))
        {
            table.Error(key, "is for applications and upstreams only");
        }

        return given[0] switch
        {
            "app" => new AppAction(table.Text("app")!, MountOf(table)),
            "files" => FilesOf(table),
            "upstream" => UpstreamOf(table),
            "redirect" => RedirectOf(table),
            _ => ResponseOf(table),
        };
    }

    private static string MountOf(TableReader table)
    {
        string mount = (table.Text("mount") ?? "").TrimEnd('/');
        if (mount.Length > 0 && !IsPrefix(mount))
        {
            table.Error("mount", $"must be a path such as /shop, not '{mount}'");
        }

        return mount;
    }

    private UpstreamAction UpstreamOf(TableReader table)
    {
        string name = table.Text("upstream")!;
        if (!upstreams.Contains(name))
        {
            string near = NearestName.Find(name, upstreams) is { } found ? $"; did you mean {found}?" : "";
            table.Error("upstream", $"there is no [upstreams.{name}]{near}");
        }

        return new UpstreamAction(name);
    }

    private FilesAction FilesOf(TableReader table)
    {
        TableReader? inner = table.Table("files", RouteShapes.Files);
        string path = Path.GetFullPath(table.Text("files") ?? inner!.Text("folder")!, folder);
        if (!Directory.Exists(path))
        {
            table.Error("files", $"there is no folder '{path}'");
        }

        string prefix = inner?.Text("prefix") is { } named ? named.TrimEnd('/') : PrefixOf(table.Texts("path"));
        if (prefix.Length > 0 && !IsPrefix(prefix))
        {
            table.Error("files", $"the prefix must be a path such as /static, not '{prefix}'");
        }

        FolderConfig config = new() { Folder = path, Prefix = prefix, ImmutableNames = inner?.Truth("immutable") ?? true };
        return inner is null ? new FilesAction(config) : new FilesAction(
            config with
            {
                IndexNames = inner.Has("index") ? inner.Texts("index") : config.IndexNames,
                Listing = inner.Truth("listing") ?? config.Listing,
                SinglePage = inner.Truth("spa") ?? config.SinglePage,
                Dotfiles = inner.Truth("dotfiles") ?? config.Dotfiles,
                FollowLinks = inner.Truth("follow_links") ?? config.FollowLinks,
                Compression = inner.Truth("compress") ?? config.Compression,
            },
            inner.Truth("fallthrough") ?? false);
    }

    /// <summary>Of <c>/static/*</c> it is <c>/static</c>; patterns that say different things, or more, have none.</summary>
    private static string PrefixOf(IReadOnlyList<string> patterns)
    {
        string[] prefixes = [.. patterns.Select(pattern => !RouteExpression.Is(pattern) && pattern.EndsWith("/*", StringComparison.Ordinal) && !pattern[..^2].Contains('*') ? pattern[..^2] : "").Distinct()];
        return prefixes.Length == 1 ? prefixes[0] : "";
    }

    private static RedirectAction RedirectOf(TableReader table)
    {
        TableReader? inner = table.Table("redirect", RouteShapes.Redirect);
        string to = table.Text("redirect") ?? inner!.Text("to")!;
        if (!HttpNames.IsValue(to) || to.Contains(' ') || !(to.StartsWith('/') || Address().IsMatch(to)))
        {
            table.Error("redirect", $"must lead to a path or to an address such as https://example.org/, not to '{to}'");
        }

        int status = inner?.Whole("status") ?? 308;
        if (status is not (301 or 302 or 303 or 307 or 308))
        {
            table.Error("redirect", $"the status must be 301, 302, 303, 307 or 308, not {status}");
        }

        return new RedirectAction(to, status);
    }

    private static ResponseAction ResponseOf(TableReader table)
    {
        if (table.Table("response", RouteShapes.Response) is not { } inner)
        {
            return new ResponseAction(table.Whole("response")!.Value);
        }

        int status = inner.Whole("status") ?? 200;
        if (status is 204 or 205 or 304 && inner.Text("body") is { Length: > 0 })
        {
            // RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5.
            inner.Error("body", $"an answer with the status {status} has none");
        }

        foreach ((string name, string value) in inner.Pairs("headers"))
        {
            if (!HttpNames.IsValue(value))
            {
                inner.Error("headers", $"the value of {name} has a line end or another control character");
            }
        }

        return new ResponseAction(status, inner.Text("body"), inner.Has("headers") ? inner.Pairs("headers") : null);
    }

    private static bool IsHost(string text) =>
        RouteExpression.Is(text) || (text.Length > 0 && !text.Contains("://", StringComparison.Ordinal) && text.All(character => char.IsLetterOrDigit(character) || ".-_*[]:".Contains(character, StringComparison.Ordinal))
        && (!text.Contains(':') || text.StartsWith('[')));

    private static bool IsPath(string text) => RouteExpression.Is(text) || (text.Length > 0 && text[0] is '/' or '*' && !text.Contains('?') && !text.Contains('#'));

    private static bool IsPrefix(string text) => text.StartsWith('/') && !text.Contains("//", StringComparison.Ordinal) && !text.Contains('*') && !text.Split('/').Any(part => part is "." or "..");

    [GeneratedRegex(@"^[a-z][a-z0-9+.-]*://.", RegexOptions.IgnoreCase)]
    private static partial Regex Address();
}
