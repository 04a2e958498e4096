using System.Text.RegularExpressions;
using Darter.Server.Configuration.Routes;

namespace Darter.Cli.Importing;

/// <summary>Locations of nginx as patterns of paths.</summary>
internal static partial class NginxPattern
{
    /// <summary>The patterns that fit as a location does; none: it fits everything; null: there are no such.</summary>
    /// <param name="arguments">What stands behind <c>location</c>.</param>
    /// <param name="prefix">How every path begins where it is looked for: the location around it; empty: none is.</param>
    internal static IReadOnlyList<string>? Paths(IReadOnlyList<string> arguments, string prefix = "")
    {
        return arguments switch
        {
            ["=", var path] when IsPlain(path) && IsBelow(path) => [path],
            ["^~", "/"] or ["/"] when prefix.Length == 0 => [],
            ["^~", var path] when IsPlain(path) && IsBelow(path) => [$"{path}*"],
            ["~" or "~*", var expression] => Below(OfExpression(expression) ?? (Expression(arguments[0], expression) is { } found ? [found] : null), prefix),
            [var path] when IsPlain(path) && IsBelow(path) => [$"{path}*"],
            _ => null,
        };

        bool IsBelow(string path) => path.StartsWith(prefix, StringComparison.Ordinal);
    }

    /// <summary>A regular expression of nginx as a pattern of Darter's; null: it is none that can be matched.</summary>
    /// <param name="kind"><c>~</c> or <c>~*</c>.</param>
    /// <param name="expression">The expression.</param>
    internal static string? Expression(string kind, string expression)
    {
        string pattern = kind + expression.Replace("(?P<", "(?<", StringComparison.Ordinal);
        return RouteExpression.TryParse(pattern, ignoreCase: false, out _, out _) ? pattern : null;
    }

    /// <summary>The regular expression of a route that has one, and no other path; null: it has none.</summary>
    internal static RouteExpression? ExpressionOf(ImportTable route) =>
        route.Find("path") is { } text && Toml.ReadText(text) is { } path && RouteExpression.Is(path) && RouteExpression.TryParse(path, ignoreCase: false, out RouteExpression? expression, out _)
            ? expression
            : null;

    /// <summary>Patterns that fit below a path only; null: they cannot be said.</summary>
    private static List<string>? Below(IReadOnlyList<string>? patterns, string prefix)
    {
        if (patterns is null || prefix.Length == 0)
        {
            return patterns?.ToList();
        }

        List<string> below = [];
        foreach (string pattern in patterns)
        {
            bool begins = pattern.StartsWith(prefix, StringComparison.Ordinal) || pattern.StartsWith($"~^{prefix}", StringComparison.Ordinal);
            if (!begins && !(pattern.StartsWith('*') && IsPlain(prefix)))
            {
                return null;
            }

            below.Add(begins ? pattern : prefix + pattern);
        }

        return below;
    }

    /// <summary>Of regular expressions those that say an ending, <c>\.(png|jpg)$</c>, or a beginning, <c>^/api/</c>.</summary>
    internal static IReadOnlyList<string>? OfExpression(string expression)
    {
        if (Ending().Match(expression) is { Success: true } ending)
        {
            return [.. ending.Groups[1].Value.Trim('(', ')').TrimStart('?', ':').Split('|').Select(extension => $"*.{extension}")];
        }

        return Beginning().Match(expression) is { Success: true } beginning && beginning.Groups[1].Value is var start
            ? beginning.Groups[2].Value == "$" ? [start] : [$"{start}*"]
            : null;
    }

    /// <summary>Whether a path has nothing that means something in a pattern.</summary>
    internal static bool IsPlain(string path) => path.StartsWith('/') && path.All(character => char.IsAsciiLetterOrDigit(character) || "/-._~+@,".Contains(character, StringComparison.Ordinal))
        && !path.Contains("//", StringComparison.Ordinal) && !path.Split('/').Any(part => part is "." or "..");

    [GeneratedRegex(@"^\\\.(\((?:\?:)?[a-z0-9]+(?:\|[a-z0-9]+)*\)|[a-z0-9]+)\$$", RegexOptions.IgnoreCase)]
    private static partial Regex Ending();

    [GeneratedRegex(@"^\^(/[a-zA-Z0-9/_-]*)(\$|\(?\.\*\)?\$?|)$")]
    private static partial Regex Beginning();
}
