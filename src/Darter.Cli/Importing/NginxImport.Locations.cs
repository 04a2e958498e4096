using System.Globalization;
using System.Text.RegularExpressions;
using Darter.Cli.Settings.LongForm;

namespace Darter.Cli.Importing;

/// <summary>Who answers the requests of a location.</summary>
internal sealed partial class NginxImport
{
    /// <summary>Adds the routes of a block.</summary>
    /// <param name="route">What the route must match.</param>
    /// <param name="place">The location, or the server.</param>
    /// <param name="server">The server's block.</param>
    private void TakeBlock(ImportTable route, NginxDirective place, IReadOnlyList<NginxDirective> server)
    {
        IReadOnlyList<NginxDirective> block = place.Block!;
        if (!ReferenceEquals(block, server))
        {
            foreach (NginxDirective directive in block.Where(directive => !IsOfScope(directive.Name) && directive is not { Name: "location", Block: not null } && !TakeSetting(directive)))
            {
                Note(directive, NginxNotes.Find(directive.Name) ?? "has no equivalent");
            }

            TakeRewrites(route, block);
        }

        TakeRules(route, block, server);
        if (!block.Any(directive => directive.Name.EndsWith("_pass", StringComparison.Ordinal)))
        {
            // Of those who wait for somebody.
            route.Remove("timeout");
        }

        if (block.LastOrDefault(directive => directive.Name == "return") is { } answer)
        {
            TakeReturn(route, answer);
        }
        else if (block.LastOrDefault(directive => directive.Name == "try_files") is { } files)
        {
            TakeTryFiles(route, files, block, server);
        }
        else if (block.LastOrDefault(directive => directive.Name is "proxy_pass" or "uwsgi_pass" or "fastcgi_pass" or "scgi_pass") is { } pass)
        {
            TakePass(route, pass);
        }
        else
        {
            AddFiles(route, block, server, fallsThrough: false, isSinglePage: false, place);
        }
    }

    private void TakePass(ImportTable route, NginxDirective pass)
    {
        if (pass.Name != "proxy_pass")
        {
            if (!_apps.TryGetValue(pass.First, out string? app))
            {
                app = ImportResult.NameOf(pass.First.Split('/')[^1].Split(':')[0].Replace(".sock", "", StringComparison.Ordinal), _result.Apps);
                ImportTable table = new();
                table.Set("target", Toml.Text("."));
                _result.Apps.Add(app, table);
                _apps[pass.First] = app;
                Note(pass, $"nginx does not say what runs there: write the target of [apps.{app}], or import its uwsgi.ini");
            }

            route.Set("app", Toml.Text(app));
            _result.Routes.Add(route);
            return;
        }

        string address = WithCaptures(route, Query().Replace(pass.First, ""));
        Match match = ProxyAddress().Match(address);
        string uri = match.Groups[3].Value.TrimStart(':');
        if (!match.Success || address.Contains('$') || uri.Contains('?') || match.Groups[2].Value.Contains('{') || UpstreamOf(match.Groups[2].Value, match.Groups[1].Value) is not { } upstream)
        {
            Note(pass, "this route is left out: an upstream has addresses without variables");
            return;
        }

        if (uri.Length > 0 && NginxPattern.ExpressionOf(route) is not null)
        {
            // With a regular expression the path is made of what it captured; the query stays as it is.
            route.Set("rewrite", Toml.Text(uri));
        }
        else if (uri.Length > 0 && !TakePrefix(route, uri))
        {
            Note(pass, "the path is passed on as it is: rewrite = \"/PATH/*\" changes it");
        }

        route.Set("upstream", Toml.Text(upstream));
        _result.Routes.Add(route);
    }

    /// <summary>The path behind an address takes the place of the location's own.</summary>
    private static bool TakePrefix(ImportTable route, string uri)
    {
        string? path = route.Find("path");
        if (path is null && uri == "/")
        {
            return true;
        }

        if (!NginxPattern.IsPlain(uri) || path?.StartsWith('[') == true)
        {
            return false;
        }

        string pattern = path?.Trim('"') ?? "/*";
        route.Set("path", Toml.Text(pattern));
        if (pattern != $"{uri}*")
        {
            route.Set("rewrite", Toml.Text(pattern.EndsWith('*') ? $"{uri}*" : uri));
        }

        return !pattern.StartsWith('*');
    }

    private void TakeTryFiles(ImportTable route, NginxDirective files, IReadOnlyList<NginxDirective> block, IReadOnlyList<NginxDirective> server)
    {
        string last = files.Arguments.Count > 0 ? files.Arguments[^1] : "";
        foreach (string odd in files.Arguments.SkipLast(1).Where(argument => argument is not ("$uri" or "$uri/" or "$uri/index.html")))
        {
            Note(files, $"{odd}: files are looked for under their own path");
        }

        ImportTable next = route.Copy();
        if (last.StartsWith('@') && server.FirstOrDefault(directive => directive is { Name: "location", Block: not null } && directive.First == last) is { } named)
        {
            AddFiles(route, block, server, fallsThrough: true, isSinglePage: false, files);
            if (named.Block!.Any(directive => directive.Name == "try_files"))
            {
                Note(named, "named locations in named locations are left out");
                return;
            }

            TakeBlock(next, named, server);
        }
        else if (last.StartsWith("/index.htm", StringComparison.Ordinal) && !last.Contains('?'))
        {
            AddFiles(route, block, server, fallsThrough: false, isSinglePage: true, files);
        }
        else
        {
            AddFiles(route, block, server, fallsThrough: false, isSinglePage: false, files);
            if (last != "=404")
            {
                Note(files, $"{last}: where there is no file the answer is 404");
            }
        }
    }

    private void AddFiles(
        ImportTable route, IReadOnlyList<NginxDirective> block, IReadOnlyList<NginxDirective> server, bool fallsThrough, bool isSinglePage, NginxDirective place)
    {
        NginxDirective? alias = block.LastOrDefault(directive => directive.Name == "alias");
        string folder = (alias ?? Holding("root", block, server).LastOrDefault())?.First ?? "";
        if (folder.Length == 0 || folder.Contains('$'))
        {
            if (!ReferenceEquals(place.Block, server))
            {
                Note(place, "says not who answers");
            }

            return;
        }

        string prefix = "";
        if (alias is not null)
        {
            prefix = route.Find("path")?.Trim('"') ?? "/*";
            if (!prefix.EndsWith("/*", StringComparison.Ordinal) || !NginxPattern.IsPlain(prefix[..^1]))
            {
                Note(alias, "this route is left out: a folder stands for a path that ends with a slash");
                return;
            }

            prefix = prefix[..^2];
        }

        List<KeyValuePair<string, string>> members = [new("folder", Toml.Text(folder)), new("prefix", Toml.Text(prefix))];
        if (Holding("index", block, server) is [.., var index] && index.Arguments.Count > 0 && index.Arguments.All(name => name.Length > 0 && !name.Contains('$') && !name.Contains('/')))
        {
            members.Add(new("index", Toml.List(index.Arguments)));
        }

        if (Holding("autoindex", block, server) is [.., { First: "on" }])
        {
            members.Add(new("listing", "true"));
        }

        if (fallsThrough)
        {
            members.Add(new("fallthrough", "true"));
        }

        if (isSinglePage)
        {
            members.Add(new("spa", "true"));
        }

        route.Remove("request_headers");
        route.Set("files", Toml.Table(members));
        _result.Routes.Add(route);
    }

    private void TakeReturn(ImportTable route, NginxDirective answer)
    {
        string last = answer.Arguments.Count > 0 ? answer.Arguments[^1] : "";
        bool hasCode = int.TryParse(answer.First, NumberStyles.None, CultureInfo.InvariantCulture, out int code);
        if (!hasCode)
        {
            code = 302;
        }

        if (answer.Arguments.Count is 1 or 2 && code is 301 or 302 or 303 or 307 or 308 && !(hasCode && answer.Arguments.Count == 1))
        {
            AddRedirect(route, last, code, answer);
        }
        else if (hasCode && code is >= 200 and <= 599 and not 444 && answer.Arguments.Count is 1 or 2 && !(answer.Arguments.Count == 2 && (last.Contains('$') || code is 204 or 205 or 304)))
        {
            route.Set("response", answer.Arguments.Count == 1 ? Toml.Number(code) : Toml.Table([new("status", Toml.Number(code)), new("body", Toml.Text(last))]));
            _result.Routes.Add(route);
        }
        else
        {
            Note(answer, "this route is left out: an answer has a status from 200 to 599, and a body without variables");
        }
    }

    private void AddRedirect(ImportTable route, string to, int status, NginxDirective directive)
    {
        string place = WithCaptures(route, Variable().Replace(to, match => match.Groups[1].Value is "request_uri" ? "{uri}" : "{host}"));
        if (place.Contains('$') || place.Contains(' ') || !HttpNames.IsValue(place) || !(place.StartsWith('/') || Web().IsMatch(place)))
        {
            Note(directive, "this route is left out: a redirect leads to a path or an address, with $host and $request_uri for variables");
            return;
        }

        route.Set("redirect", Toml.Table([new("to", Toml.Text(place)), new("status", Toml.Number(status))]));
        _result.Routes.Add(route);
    }

    /// <summary>Rewrites that redirect are routes of their own, before the others; those that change the path belong to theirs.</summary>
    private void TakeRewrites(ImportTable route, IReadOnlyList<NginxDirective> block)
    {
        foreach (NginxDirective rewrite in block.Where(directive => directive.Name == "rewrite"))
        {
            string[] parts = [.. rewrite.Arguments];
            if (parts.Length is 2 or 3 && TakeRedirect(route, rewrite, parts))
            {
                continue;
            }

            if (parts.Length is < 2 or > 3 || NginxPattern.OfExpression(parts[0]) is not [var pattern] || !pattern.StartsWith('/'))
            {
                Note(rewrite, "a rewrite has a pattern with one * for what was (.*)");
                continue;
            }

            string to = parts[1].Replace("$1", "*", StringComparison.Ordinal);
            string flag = parts.Length > 2 ? parts[2] : "";
            if (to.Count(character => character == '*') > 1 || to.Contains('$') || (to.Contains('*') && !pattern.Contains('*')))
            {
                Note(rewrite, "a rewrite has a pattern with one * for what was (.*)");
            }
            else if (flag is "permanent" or "redirect" || Web().IsMatch(to))
            {
                ImportTable redirect = route.Copy();
                redirect.Set("path", Toml.Text(pattern));
                AddRedirect(redirect, to, flag == "permanent" ? 301 : 302, rewrite);
            }
            else if (to.StartsWith('/') && !to.Contains('?') && !to.Contains('#') && (route.Find("path") == Toml.Text(pattern) || (pattern == "/*" && !route.Has("path"))))
            {
                route.Set("path", Toml.Text(pattern));
                route.Set("rewrite", Toml.Text(to));
            }
            else
            {
                Note(rewrite, "the path of a route is its own: write a route with path and rewrite");
            }
        }
    }

    /// <summary>A rewrite with a regular expression that is more than a pattern, and leads elsewhere, is a route with that.</summary>
    private bool TakeRedirect(ImportTable route, NginxDirective rewrite, string[] parts)
    {
        bool isRedirect = parts.Length > 2 ? parts[2] is "permanent" or "redirect" : Web().IsMatch(parts[1]);
        if (!isRedirect || NginxPattern.OfExpression(parts[0]) is [_] || NginxPattern.Expression("~", parts[0]) is not { } expression)
        {
            return false;
        }

        ImportTable redirect = route.Copy();
        redirect.Set("path", Toml.Text(expression));
        AddRedirect(redirect, parts[1], parts.Length > 2 && parts[2] == "permanent" ? 301 : 302, rewrite);
        return true;
    }

    /// <summary>With $1 and $name in the way in which routes have what their regular expression captures.</summary>
    private static string WithCaptures(ImportTable route, string text)
    {
        if (NginxPattern.ExpressionOf(route) is not { } expression)
        {
            return text;
        }

        // PCRE numbers groups with names too, in their order; what has both is left as it is.
        bool isMixed = expression.Groups.Any(group => char.IsAsciiDigit(group[0])) && expression.Groups.Any(group => !char.IsAsciiDigit(group[0]));
        return Capture().Replace(text, match => match.Groups[1].Value is var name && expression.Groups.Contains(name) && !(isMixed && char.IsAsciiDigit(name[0])) ? $"{{{name}}}" : match.Value);
    }

    [GeneratedRegex(@"\$\{?([0-9]|[a-zA-Z_][a-zA-Z0-9_]*)\}?")]
    private static partial Regex Capture();

    [GeneratedRegex(@"(\$is_args|\?)\$(args|query_string)$")]
    private static partial Regex Query();

    [GeneratedRegex(@"^(https?)://(unix:[^:]+|[^/:]+(?::[0-9]+)?|\[[0-9a-fA-F:]+\](?::[0-9]+)?)(:?/.*)?$")]
    private static partial Regex ProxyAddress();

    [GeneratedRegex(@"\$\{?(host|server_name|http_host|request_uri)\b\}?")]
    private static partial Regex Variable();

    [GeneratedRegex("^https?://[^/*]+(/|$)")]
    private static partial Regex Web();
}
