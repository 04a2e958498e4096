using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Darter.Cli.Settings;

/// <summary>Values with a unit, for options in seconds and in bytes: <c>250ms</c>, <c>1m</c>, <c>64KiB</c>.</summary>
internal static partial class Units
{
    /// <summary>Returns the value in the option's own unit, or as it is if it has none.</summary>
    internal static string Resolve(Option option, string value) => option.HelpName switch
    {
        "SECONDS" => Convert(Duration().Match(value), value),
        "BYTES" => Convert(Size().Match(value), value),
        _ => value,
    };

    /// <summary>A duration with a unit in seconds; anything else as it is.</summary>
    internal static string Seconds(string value) => Convert(Duration().Match(value), value);

    private static string Convert(Match match, string value)
    {
        if (!match.Success)
        {
            return value;
        }

        decimal factor = match.Groups[2].Value switch
        {
            "ms" => 0.001m,
            "m" => 60,
            "h" => 3600,
            "KiB" => 1024,
            "MiB" => 1024 * 1024,
            "GiB" => 1024 * 1024 * 1024,
            _ => 1,
        };
        return (decimal.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * factor).ToString("0.############", CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^([0-9]{1,9}(?:\.[0-9]{1,6})?)(ms|s|m|h)$")]
    private static partial Regex Duration();

    [GeneratedRegex(@"^([0-9]{1,9}(?:\.[0-9]{1,6})?)(B|KiB|MiB|GiB)$")]
    private static partial Regex Size();
}
