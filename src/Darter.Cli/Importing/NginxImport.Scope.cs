using System.Globalization;
using System.Text.RegularExpressions;
using Darter.Cli.Settings.LongForm;
using Darter.Server.Proxies;

namespace Darter.Cli.Importing;

/// <summary>What a server or a location says of the requests in it, with what those around it say.</summary>
internal sealed partial class NginxImport
{
    // Blocks inherit from these as a whole: one of its own replaces all of the block around it.
    private static readonly string[] s_rules =
        ["add_header", "proxy_set_header", "client_max_body_size", "expires", "allow", "deny", "auth_basic", "auth_request", "internal", "limit_req", "proxy_read_timeout", "uwsgi_read_timeout"];

    private static readonly string[] s_actions =
        ["root", "alias", "index", "autoindex", "try_files", "return", "rewrite", "proxy_pass", "uwsgi_pass", "fastcgi_pass", "scgi_pass"];

    private static bool IsOfScope(string name) => s_rules.Contains(name) || s_actions.Contains(name);

    /// <summary>The directives of a name that hold in a block: its own, else those of the block around it.</summary>
    private static NginxDirective[] Holding(string name, params IEnumerable<IReadOnlyList<NginxDirective>> blocks) =>
        blocks.Select(block => block.Where(directive => directive.Name == name && directive.Block is null).ToArray()).FirstOrDefault(found => found.Length > 0) ?? [];

    private void TakeRules(ImportTable route, IReadOnlyList<NginxDirective> block, IReadOnlyList<NginxDirective> server)
    {
        TakeFields(route, "response_headers", Holding("add_header", block, server), Holding("expires", block, server).LastOrDefault());
        TakeFields(route, "request_headers", Holding("proxy_set_header", block, server), null);
        TakeAccess(route, block, server);
        if (Holding("client_max_body_size", block, server) is [.., var size])
        {
            Match match = Size().Match(size.First);
            if (match.Success && match.Groups[1].Value.TrimStart('0').Length > 0)
            {
                string unit = match.Groups[2].Value.ToLowerInvariant() switch { "k" => "KiB", "m" => "MiB", "g" => "GiB", _ => "B" };
                route.Set("limit_request_body", Toml.Text($"{match.Groups[1].Value}{unit}"));
            }
            else
            {
                Note(size, "limit_request_body has a size; without it a body may be of any");
            }
        }

        if (Holding("limit_req", block, server) is [var limit, ..])
        {
            TakeLimit(route, limit);
        }

        if ((Holding("proxy_read_timeout", block, server), Holding("uwsgi_read_timeout", block, server)) is var (proxy, uwsgi) && proxy.Concat(uwsgi).LastOrDefault() is { } timeout)
        {
            if (SecondsOf(timeout.First) is > 0 and var seconds)
            {
                route.Set("timeout", Toml.Number(seconds));
            }
            else
            {
                Note(timeout, "timeout = \"30s\" says it");
            }
        }
    }

    private void TakeLimit(ImportTable route, NginxDirective limit)
    {
        if (Argument(limit, "zone=") is not { } zone || !_zones.TryGetValue(zone, out (int Requests, string Per) rate))
        {
            Note(limit, "rate_limit = \"10/s\" says it");
            return;
        }

        List<KeyValuePair<string, string>> members = [new("requests", Toml.Number(rate.Requests)), new("per", Toml.Text($"1{rate.Per}"))];
        if (Argument(limit, "burst=") is { } burst && IsNumber(burst))
        {
            members.Add(new("burst", Toml.Number(int.Parse(burst, CultureInfo.InvariantCulture) + 1L)));
        }

        route.Set("rate_limit", Toml.Table(members));
    }

    /// <summary>Who may come in. What cannot be said keeps everybody out: a route must not be open because it was imported.</summary>
    private void TakeAccess(ImportTable route, IReadOnlyList<NginxDirective> block, IReadOnlyList<NginxDirective> server)
    {
        NginxDirective[] rules = [.. (block.Any(IsRule) ? block : server).Where(IsRule)];
        string[] allowed = [.. rules.Where(rule => rule.Name == "allow").Select(rule => rule.First)];
        string[] denied = [.. rules.Where(rule => rule.Name == "deny").Select(rule => rule.First)];
        if (rules is [.., { Name: "deny", First: "all" } last] && denied.Length == 1 && allowed.Length > 0 && allowed.All(IsNetwork))
        {
            route.Set("allow", Toml.Texts(allowed));
        }
        else if (rules.Length > 0 && denied.Length > 0 && denied.All(IsNetwork) && allowed is [] or ["all"] && rules.SkipLast(1).All(rule => rule.Name == "deny"))
        {
            route.Set("deny", Toml.Texts(denied));
        }
        else if (rules.Length > 0 && !(denied.Length == 0 && allowed.Contains("all")))
        {
            Close(rules[0], "allow and deny take networks; deny is the stronger");
        }

        foreach (NginxDirective guard in (NginxDirective[])[.. Holding("auth_basic", block, server), .. Holding("auth_request", block, server), .. Holding("internal", block)])
        {
            if (guard.First != "off" && !_isClosed)
            {
                Close(guard, guard.Name == "auth_basic" ? "write auth = { users = { NAME = \"HASH\" } }" : NginxNotes.Find(guard.Name)!);
            }
        }

        if (_isClosed)
        {
            // Certificates of clients, which were told of.
            route.Remove("allow");
            route.Set("deny", Toml.Text("*"));
        }

        static bool IsRule(NginxDirective directive) => directive.Name is "allow" or "deny";

        static bool IsNetwork(string text) => text.Length > 0 && text != "*" && !text.Contains(',') && TrustedAddresses.TryParse(text, out _, out _);

        void Close(NginxDirective directive, string why)
        {
            route.Remove("allow");
            route.Set("deny", Toml.Text("*"));
            Note(directive, $"{why}; until then the route denies everybody");
        }
    }

    private void TakeFields(ImportTable route, string key, NginxDirective[] fields, NginxDirective? expires)
    {
        List<KeyValuePair<string, string>> changes = [];
        foreach (NginxDirective field in fields)
        {
            string value = field.Arguments.Count > 1 ? field.Arguments[1] : "";
            if (key == "request_headers" && IsUsual(field.First, value))
            {
                continue;
            }

            if (!HttpNames.IsToken(field.First) || value.Contains('$') || !HttpNames.IsValue(value) || changes.Any(change => change.Key.Equals(field.First, StringComparison.OrdinalIgnoreCase)))
            {
                Note(field, "values are texts without variables, one of each name");
                continue;
            }

            changes.Add(new(field.First, value.Length == 0 ? "false" : Toml.Text(value)));
        }

        if (expires is { First: not "off" } && !changes.Any(change => change.Key.Equals("cache-control", StringComparison.OrdinalIgnoreCase)))
        {
            if (AgeOf(expires.First) is { } age)
            {
                changes.Add(new("Cache-Control", Toml.Text(age)));
            }
            else
            {
                Note(expires, "response_headers = { Cache-Control = \"max-age=SECONDS\" } says it");
            }
        }

        if (changes.Count > 0)
        {
            route.Set(key, Toml.Table(changes));
        }
    }

    private static string? AgeOf(string time) => time switch
    {
        "max" => "max-age=315360000",
        "epoch" or "-1" => "no-cache",
        _ => SecondsOf(time) is >= 0 and var seconds ? string.Create(CultureInfo.InvariantCulture, $"max-age={seconds}") : null,
    };

    /// <summary>What a proxy sets by itself.</summary>
    private static bool IsUsual(string name, string value) => (name.ToLowerInvariant(), value) is
        ("host", "$host" or "$http_host" or "$host:$server_port") or ("x-forwarded-for", "$proxy_add_x_forwarded_for" or "$remote_addr")
        or ("x-forwarded-proto", "$scheme") or ("x-forwarded-host", "$host" or "$http_host") or ("upgrade", "$http_upgrade") or ("connection", _);

    [GeneratedRegex("^([0-9]{1,9})([kmg]?)$", RegexOptions.IgnoreCase)]
    private static partial Regex Size();
}
