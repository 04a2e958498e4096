using System.Text;
using System.Text.RegularExpressions;

namespace Darter.Server.Routing;

/// <summary>What the regular expressions of a route's path and host have captured.</summary>
/// <param name="path">That of the path; null: there is none.</param>
/// <param name="host">That of the host; null: there is none.</param>
/// <param name="isName">Whether the host is one that can stand in an address; of another nothing is told.</param>
internal sealed class RouteCaptures(Match? path, Match? host, bool isName)
{
    /// <summary>What <c>{NAME}</c> or <c>{NUMBER}</c> stands for: of the path, or else of the host. False: there is no such group.</summary>
    internal bool TryGet(ReadOnlySpan<char> name, out string value)
    {
        string text = name.ToString();
        foreach (Match? match in (ReadOnlySpan<Match?>)[path, host])
        {
            if (match is not null && text != "0" && match.Groups.TryGetValue(text, out Group? group))
            {
                value = group.Success && (match == path || isName) ? group.Value : "";
                return true;
            }
        }

        value = "";
        return false;
    }

    /// <summary>The path of a rewriting rule, with what was captured and what the last <c>*</c> stood for.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="hit">The route that fits.</param>
    internal static string Fill(string rule, in RouteHit hit)
    {
        if (hit.Captures is not { } captures)
        {
            return rule.Replace("*", hit.Rest, StringComparison.Ordinal);
        }

        StringBuilder filled = new();
        for (int i = 0; i < rule.Length; i++)
        {
            if (rule[i] == '*')
            {
                filled.Append(hit.Rest);
            }
            else if (captures.TryTake(rule.AsSpan(i), out string value, out int length))
            {
                filled.Append(value);
                i += length - 1;
            }
            else
            {
                filled.Append(rule[i]);
            }
        }

        return filled.ToString();
    }

    /// <summary>Takes a group in braces off the beginning of a rule.</summary>
    /// <param name="rule">The rest of a rule.</param>
    /// <param name="value">What the group has captured.</param>
    /// <param name="length">How long it is, with its braces.</param>
    internal bool TryTake(ReadOnlySpan<char> rule, out string value, out int length)
    {
        value = "";
        length = rule.IndexOf('}') + 1;
        return length > 2 && rule[0] == '{' && TryGet(rule[1..(length - 1)], out value);
    }
}
