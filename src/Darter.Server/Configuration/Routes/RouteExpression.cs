using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Darter.Server.Configuration.Routes;

/// <summary>
/// A regular expression in the place of a pattern: <c>~EXPRESSION</c>, or <c>~*EXPRESSION</c> in any case. It fits where it is found
/// anywhere in the text, so that <c>^</c> and <c>$</c> say where it begins and ends; <c>.</c> is any character, line ends included.
/// </summary>
/// <remarks>
/// It is matched without backtracking, in time that grows with the text's length alone: no request can keep a route busy. References to
/// what was captured, and looking ahead or behind, are therefore not possible.
/// </remarks>
public sealed class RouteExpression
{
    /// <summary>Most characters of an expression.</summary>
    public const int MaxLength = 1000;

    // A dot that leaves line ends out would let a path with one (%0A) past a route that is to keep clients away.
    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline;

    private readonly Regex _regex;

    private RouteExpression(Regex regex)
    {
        _regex = regex;
        Groups = [.. regex.GetGroupNames().Where(name => name != "0")];
    }

    /// <summary>What it captures: names, and numbers from 1.</summary>
    public IReadOnlyList<string> Groups { get; }

    /// <summary>Whether a pattern is an expression.</summary>
    public static bool Is(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        return pattern.StartsWith('~');
    }

    /// <summary>Reads one. When false, <paramref name="error"/> says what is wrong.</summary>
    /// <param name="pattern">With the <c>~</c>.</param>
    /// <param name="ignoreCase">Whether case never counts.</param>
    /// <param name="expression">The expression.</param>
    /// <param name="error">What is wrong.</param>
    public static bool TryParse(string pattern, bool ignoreCase, [NotNullWhen(true)] out RouteExpression? expression, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        expression = null;
        bool anyCase = pattern.StartsWith("~*", StringComparison.Ordinal);
        string text = pattern[(anyCase ? 2 : 1)..];
        if (text.Trim().Length == 0)
        {
            error = "there is no expression after ~";
            return false;
        }

        if (text.Length > MaxLength)
        {
            error = string.Create(CultureInfo.InvariantCulture, $"the expression is longer than {MaxLength} characters");
            return false;
        }

        try
        {
            Regex regex = new(text, anyCase || ignoreCase ? Options | RegexOptions.IgnoreCase : Options);
            expression = new RouteExpression(regex);
            error = null;
            return true;
        }
        catch (RegexParseException exception)
        {
            error = exception.Message;
        }
        catch (NotSupportedException exception)
        {
            error = $"it cannot be matched in a time that is bounded: {exception.Message}";
        }

        return false;
    }

    /// <summary>Looks for it in a text; null: it is not there.</summary>
    internal Match? Find(string text) => _regex.Match(text) is { Success: true } match ? match : null;
}
