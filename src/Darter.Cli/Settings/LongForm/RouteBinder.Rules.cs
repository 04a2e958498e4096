using System.Globalization;
using System.Text.RegularExpressions;
using Darter.Cli.Settings.Shapes;
using Darter.Cli.Settings.Toml;
using Darter.Server.Configuration;
using Darter.Server.Configuration.Routes;
using Darter.Server.Proxies;

namespace Darter.Cli.Settings.LongForm;

/// <summary>What is done with requests on their way.</summary>
internal sealed partial class RouteBinder
{
    private static List<string> Patterns(TableReader table, string key, Func<string, bool> isPattern, string expected)
    {
        List<string> patterns = [];
        foreach (string text in table.Texts(key))
        {
            if (!isPattern(text))
            {
                table.Error(key, $"'{text}' is not {expected}");
            }

            patterns.Add(text);
        }

        return patterns;
    }

    private static TrustedAddresses? Addresses(TableReader table, string key)
    {
        if (!table.Has(key))
        {
            return null;
        }

        if (!TrustedAddresses.TryParse(string.Join(',', table.Texts(key)), out TrustedAddresses? list, out string? error))
        {
            table.Error(key, error);
        }

        return list;
    }

    private static string? RewriteOf(TableReader table)
    {
        if (table.Text("rewrite") is { } path && (!path.StartsWith('/') || path.Contains('?') || path.Contains('#')))
        {
            table.Error("rewrite", $"must be a path without query, not '{path}'");
        }

        return table.Text("rewrite");
    }

    private static List<FieldChange> Changes(TableReader table, string key)
    {
        List<FieldChange> changes = [];
        foreach (TomlMember member in (table.Node(key) as TomlTable)?.Members ?? [])
        {
            SettingValue value = member.Value.ToSetting();
            if (value.Kind == SettingKind.Text && !HttpNames.IsValue(value.Text))
            {
                table.Error(key, $"the value of {member.Name} has a line end, or another character that is not printable ASCII");
            }
            else if (HttpNames.IsFraming(member.Name))
            {
                table.Error(key, $"{member.Name} is the server's affair");
            }

            changes.Add(new FieldChange(member.Name, value.Kind == SettingKind.Text ? value.Text : null));
        }

        if (changes.Sum(change => change.Name.Length + (change.Value?.Length ?? 0)) > RouteConfig.MaxFields)
        {
            table.Error(key, $"are more than {RouteConfig.MaxFields} characters");
        }

        return changes;
    }

    private static List<AuthConfig> UsersOf(TableReader auth)
    {
        List<AuthConfig> users = [];
        foreach ((string name, string text) in auth.Pairs("users"))
        {
            if (PasswordHash.TryParse(text, out PasswordHash? hash))
            {
                users.Add(new AuthConfig(name, hash));
            }
            else
            {
                // The value is not repeated: it may be a password.
                auth.Error("users", $"{name} has no hash that 'darter files --hash-password' prints, such as pbkdf2:sha256:600000$SALT$HEX");
            }
        }

        if (users.Count == 0 && ((TomlTable)auth.Node("users")!).Members.Count == 0)
        {
            auth.Error("users", "must not be empty");
        }

        return users;
    }

    private static RateLimit? RateLimitOf(TableReader table)
    {
        if (table.Table("rate_limit", RouteShapes.RateLimit) is { } inner)
        {
            return new RateLimit(inner.Whole("requests")!.Value, inner.Duration("per") ?? TimeSpan.FromSeconds(1), inner.Whole("burst") ?? 0, inner.Truth("shared") ?? false);
        }

        if (table.Text("rate_limit") is not { } text)
        {
            return null;
        }

        Match match = Rate().Match(text);
        if (!match.Success || int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) is not (> 0 and var requests))
        {
            table.Error("rate_limit", $"must be a number of requests in a time, such as 10/s or 100/m, not '{text}'");
            return null;
        }

        return new RateLimit(requests, match.Groups[2].Value switch { "s" => TimeSpan.FromSeconds(1), "m" => TimeSpan.FromMinutes(1), _ => TimeSpan.FromHours(1) });
    }

    [GeneratedRegex("^([0-9]{1,9})/([smh])$")]
    private static partial Regex Rate();
}
