using System.Text.RegularExpressions;
using Darter.Cli.Settings.Shapes;
using Darter.Server.Configuration.Routes;

namespace Darter.Cli.Settings.LongForm;

/// <summary>Regular expressions, and what is made of what they capture.</summary>
internal sealed partial class RouteBinder
{
    // Of redirects, whatever the path is.
    private static readonly string[] s_placeholders = ["host", "uri"];

    private static void CheckExpressions(TableReader table, RouteConfig route)
    {
        List<RouteExpression?> paths = Parse(table, "path", route.Match.Paths, ignoreCase: false);
        List<RouteExpression?> hosts = Parse(table, "host", route.Match.Hosts, ignoreCase: true);
        RouteExpression[] all = [.. paths.Concat(hosts).OfType<RouteExpression>()];
        if (all.Length == 0)
        {
            return;
        }

        foreach (string name in all.SelectMany(expression => expression.Groups).Intersect(s_placeholders))
        {
            table.Error(all.Any(expression => paths.Contains(expression)) ? "path" : "host", $"a group must not be named {name}, which stands for something else in redirects");
        }

        if (route.Rewrite is { } rewrite)
        {
            CheckGroups(table, "rewrite", rewrite, paths, hosts, []);
        }

        if (route.Action is RedirectAction redirect)
        {
            CheckGroups(table, "redirect", redirect.To, paths, hosts, s_placeholders);
        }
    }

    /// <summary>The expressions among patterns; null for those that are none.</summary>
    private static List<RouteExpression?> Parse(TableReader table, string key, IReadOnlyList<string> patterns, bool ignoreCase)
    {
        List<RouteExpression?> expressions = [];
        foreach (string pattern in patterns)
        {
            RouteExpression? expression = null;
            if (RouteExpression.Is(pattern) && !RouteExpression.TryParse(pattern, ignoreCase, out expression, out string? error))
            {
                table.Error(key, $"'{pattern}' is not a regular expression that can be used: {error.TrimEnd('.')}");
                continue;
            }

            expressions.Add(expression);
        }

        return expressions;
    }

    /// <summary>Every group that a rule names must have been captured, whichever of the patterns fits.</summary>
    private static void CheckGroups(
        TableReader table, string key, string rule, List<RouteExpression?> paths, List<RouteExpression?> hosts, string[] others)
    {
        foreach (Match match in Placeholder().Matches(rule))
        {
            string name = match.Groups[1].Value;
            if (!others.Contains(name) && !Captures(paths, name) && !Captures(hosts, name))
            {
                table.Error(key, $"{match.Value}: not every regular expression of the route has a group {name}");
            }
        }
    }

    private static bool Captures(List<RouteExpression?> patterns, string name) =>
        patterns.Count > 0 && patterns.TrueForAll(pattern => pattern?.Groups.Contains(name) == true);

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Placeholder();
}
