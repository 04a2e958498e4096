using System.Globalization;

namespace Darter.Cli.Options;

/// <summary>Sizes as people write them.</summary>
internal static class SizeText
{
    private static readonly (string Name, long Bytes)[] Units =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40),
        ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
        ("K", 1L << 10), ("M", 1L << 20), ("G", 1L << 30), ("T", 1L << 40),
        ("B", 1),
    ];

    /// <summary>Reads a number of bytes, or a number with a unit: KiB, MiB, GiB, TiB (also K, M, G, T), KB, MB, GB, TB, B.</summary>
    internal static bool TryParse(string text, out long bytes)
    {
        (string name, long unit) = Array.Find(Units, candidate => text.EndsWith(candidate.Name, StringComparison.OrdinalIgnoreCase));
        string number = name is null ? text : text[..^name.Length].TrimEnd();
        bytes = 0;
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value))
        {
            return false;
        }

        double product = value * (name is null ? 1 : unit);
        if (product is not (>= 0 and < 1e18))
        {
            return false;
        }

        bytes = (long)product;
        return true;
    }
}
