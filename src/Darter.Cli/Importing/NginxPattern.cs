using System.Text.RegularExpressions;

namespace Darter.Cli.Importing;

/// <summary>Locations of nginx as patterns of paths.</summary>
internal static partial class NginxPattern
{
    /// <summary>The patterns that fit as a location does; none: it fits everything; null: there are no such.</summary>
    internal static IReadOnlyList<string>? Paths(IReadOnlyList<string> arguments) => arguments switch
    {
        ["=", var path] when IsPlain(path) => [path],
        ["^~", "/"] or ["/"] => [],
        ["^~", var path] when IsPlain(path) => [$"{path}*"],
        ["~" or "~*", var expression] => OfExpression(expression),
        [var path] when IsPlain(path) => [$"{path}*"],
        _ => null,
    };

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
