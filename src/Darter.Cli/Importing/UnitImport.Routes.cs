using System.Globalization;
using System.Text.Json;

namespace Darter.Cli.Importing;

/// <summary>Routes.</summary>
internal sealed partial class UnitImport
{
    private static readonly Dictionary<string, string> s_matches = new() { ["host"] = "host", ["uri"] = "path", ["method"] = "method", ["source"] = "source", ["scheme"] = "scheme" };

    private readonly Dictionary<string, string> _mounts = [];

    /// <summary>Adds the routes that a <c>pass</c> leads to.</summary>
    private void Follow(string pass, int line)
    {
        if (pass == "routes" || pass.StartsWith("routes/", StringComparison.Ordinal))
        {
            if (!_followed.Add(pass))
            {
                _result.Note(line, pass, "is written out above already");
                return;
            }

            JsonNodeAtLine? routes = _root.Find("routes");
            JsonNodeAtLine? list = pass == "routes" ? routes : routes?.Find(Uri.UnescapeDataString(pass["routes/".Length..]));
            if (list is not { IsArray: true })
            {
                _result.Note(line, pass, "there are no such routes");
                return;
            }

            foreach ((string _, JsonNodeAtLine step, int at) in list.Members)
            {
                TakeStep(step, at);
            }

            return;
        }

        AddPass(new ImportTable(), pass, line);
    }

    private void TakeStep(JsonNodeAtLine step, int line)
    {
        ImportTable route = new();
        if (step.Find("match") is { } match && !TakeMatch(route, match))
        {
            return;
        }

        if (step.Find("action") is not { IsObject: true } action)
        {
            _result.Note(line, "step", "has no action");
            return;
        }

        TakeAction(route, action, line);
    }

    /// <summary>What must fit; false if a part of it cannot be said, since the route would fit too much without.</summary>
    private bool TakeMatch(ImportTable route, JsonNodeAtLine match)
    {
        foreach ((string key, JsonNodeAtLine value, int line) in match.Members)
        {
            if (s_matches.TryGetValue(key, out string? setting) && !value.IsObject && value.Items.ToArray() is { Length: > 0 } items && items.All(item => IsPattern(setting, item)))
            {
                route.Set(setting, Toml.Texts([.. items.Select(item => setting == "scheme" ? item.Text.ToLowerInvariant() : item.Text)]));
            }
            else if (key == "headers" && value.IsObject && value.Members.Count > 0 && value.Members.All(field => field.Value.Kind == JsonTokenType.String && field.Value.Text is { Length: > 0 } text && text[0] != '!'
                && Settings.LongForm.HttpNames.IsToken(field.Name)))
            {
                route.Set("headers", Toml.Table(value.Members.GroupBy(field => field.Name).Select(field => KeyValuePair.Create(field.Key, Toml.Text(field.Last().Value.Text)))));
            }
            else
            {
                _result.Note(line, $"match.{key}", "this route is left out: patterns are texts with *, without negations, and regular expressions, and not on arguments or cookies");
                return false;
            }
        }

        return true;
    }

    private static bool IsPattern(string setting, JsonNodeAtLine item) => item.Kind == JsonTokenType.String && item.Text is { Length: > 0 } text && text[0] is not ('!' or '~') && setting switch
    {
        "path" => text[0] is '/' or '*' && !text.Contains('?') && !text.Contains('#') && !text.Contains('%'),
        "host" => text.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '*'),
        "method" => Settings.LongForm.HttpNames.IsToken(text),
        "scheme" => text.ToLowerInvariant() is "http" or "https",
        _ => Darter.Server.Proxies.TrustedAddresses.TryParse(text, out _, out _) && !text.Contains(','),
    };

    private void TakeAction(ImportTable route, JsonNodeAtLine action, int line)
    {
        foreach ((string key, JsonNodeAtLine value, int at) in action.Members)
        {
            if (key == "rewrite" && value.Text.StartsWith('/') && !value.Text.Contains('$') && !value.Text.Contains('?') && !value.Text.Contains('#') && !value.Text.Contains('*'))
            {
                route.Set("rewrite", Toml.Text(value.Text));
            }
            else if (key == "response_headers" && value.IsObject)
            {
                TakeFields(route, value, at);
            }
            else if (key is not ("pass" or "share" or "return" or "proxy" or "location" or "fallback" or "index"))
            {
                _result.Note(at, $"action.{key}", "has no equivalent");
            }
        }

        if (action.TextOf("pass") is { } pass)
        {
            AddPass(route, pass, line);
        }
        else if (action.TextOf("proxy") is { } proxy)
        {
            string target = proxy.StartsWith("http://unix:", StringComparison.Ordinal) ? proxy["http://".Length..] : proxy;
            if (Darter.Server.Configuration.UpstreamDestination.TryParse(target, out _, out string? error))
            {
                if (!_upstreams.ContainsKey(proxy))
                {
                    AddUpstream(proxy, [Toml.Text(target)], line);
                }

                route.Set("upstream", Toml.Text(_upstreams[proxy]));
                _result.Routes.Add(route);
            }
            else
            {
                _result.Note(line, $"proxy {proxy}", error);
            }
        }
        else if (action.Find("share") is { } share)
        {
            AddShare(route, share, action, line);
        }
        else if (action.TextOf("return") is { } status)
        {
            AddReturn(route, status, action.TextOf("location"), line);
        }
        else
        {
            _result.Note(line, "action", "says not who answers");
        }
    }

    private void TakeFields(ImportTable route, JsonNodeAtLine fields, int line)
    {
        List<KeyValuePair<string, string>> changes = [];
        foreach ((string name, JsonNodeAtLine value, int _) in fields.Members)
        {
            if (!Settings.LongForm.HttpNames.IsToken(name) || value.Text.Contains('$') || value.IsObject || value.IsArray || !Settings.LongForm.HttpNames.IsValue(value.Text) || changes.Any(change => change.Key == name))
            {
                _result.Note(line, $"response_headers.{name}", "values are texts without variables");
            }
            else
            {
                changes.Add(new(name, value.Kind == JsonTokenType.Null ? "false" : Toml.Text(value.Text)));
            }
        }

        if (changes.Count > 0)
        {
            route.Set("response_headers", Toml.Table(changes));
        }
    }

    private void AddPass(ImportTable route, string pass, int line)
    {
        string name = string.Join('/', pass.Split('/').Skip(1).Select(Uri.UnescapeDataString));
        if (pass.StartsWith("applications/", StringComparison.Ordinal) && _apps.TryGetValue(name, out string? app))
        {
            route.Set("app", Toml.Text(app));
            if (_mounts.TryGetValue(app, out string? mount) && mount.StartsWith('/') && !mount.Contains('*') && !mount.Contains("//", StringComparison.Ordinal) && !mount.Split('/').Any(part => part is "." or ".."))
            {
                route.Set("mount", Toml.Text(mount));
            }

            _result.Routes.Add(route);
        }
        else if (pass.StartsWith("upstreams/", StringComparison.Ordinal) && _upstreams.TryGetValue(name, out string? upstream))
        {
            route.Set("upstream", Toml.Text(upstream));
            _result.Routes.Add(route);
        }
        else if (pass.StartsWith("routes", StringComparison.Ordinal) && route.Members.Count == 0)
        {
            Follow(pass, line);
        }
        else
        {
            _result.Note(line, pass, pass.StartsWith("routes", StringComparison.Ordinal) ? "routes within a route have no equivalent: match on host and path in each of them" : "there is none in this file that Darter can run");
        }
    }

    private void AddShare(ImportTable route, JsonNodeAtLine share, JsonNodeAtLine action, int line)
    {
        string[] places = [.. share.Items.Select(item => item.Text)];
        string place = places.Length > 0 ? places[0] : "";
        if (places.Length != 1 || !place.EndsWith("$uri", StringComparison.Ordinal) || place.IndexOf('$', StringComparison.Ordinal) != place.Length - 4 || place.Length == 4)
        {
            _result.Note(line, $"share {string.Join(", ", places)}", "files are those of one folder: \"/DIR$uri\"");
            return;
        }

        // The whole path is looked for below the folder.
        JsonNodeAtLine? fallback = action.Find("fallback");
        List<KeyValuePair<string, string>> files = [new("folder", Toml.Text(place[..^4])), new("prefix", Toml.Text(""))];
        if (action.TextOf("index") is { Length: > 0 } index)
        {
            files.Add(new("index", Toml.Text(index)));
        }

        if (fallback is { IsObject: true })
        {
            files.Add(new("fallthrough", "true"));
        }

        ImportTable next = route.Copy();
        route.Set("files", Toml.Table(files));
        _result.Routes.Add(route);
        if (fallback is { IsObject: true })
        {
            next.Remove("rewrite");
            TakeAction(next, fallback, fallback.Line);
        }
    }

    private void AddReturn(ImportTable route, string status, string? location, int line)
    {
        if (!int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out int code) || code is < 200 or > 599)
        {
            _result.Note(line, $"return {status}", "statuses are from 200 to 599");
            return;
        }

        if (location is null)
        {
            route.Set("response", Toml.Number(code));
            _result.Routes.Add(route);
            return;
        }

        string to = location.Replace("${host}", "{host}", StringComparison.Ordinal).Replace("$host", "{host}", StringComparison.Ordinal)
            .Replace("${request_uri}", "{uri}", StringComparison.Ordinal).Replace("$request_uri", "{uri}", StringComparison.Ordinal);
        if (code is not (301 or 302 or 303 or 307 or 308) || to.Contains('$') || to.Contains('*') || !Settings.LongForm.HttpNames.IsValue(to) || to.Contains(' ') || !(to.StartsWith('/') || to.StartsWith("http://", StringComparison.Ordinal) || to.StartsWith("https://", StringComparison.Ordinal)) || to.EndsWith("://", StringComparison.Ordinal))
        {
            _result.Note(line, $"return {status}, location {location}", "redirects are 301, 302, 303, 307 or 308, to a path or an address with {host} and {uri} for variables");
            return;
        }

        route.Set("redirect", Toml.Table([new("to", Toml.Text(to)), new("status", Toml.Number(code))]));
        _result.Routes.Add(route);
    }
}
