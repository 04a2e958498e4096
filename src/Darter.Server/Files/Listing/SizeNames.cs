using System.Globalization;

namespace Darter.Server.Files.Listing;

/// <summary>Sizes for people.</summary>
internal static class SizeNames
{
    private static readonly string[] Units = ["kB", "MB", "GB", "TB", "PB", "EB"];

    /// <summary>Three digits and a unit, in powers of 1000 as disks and downloads count.</summary>
    internal static string Of(long bytes)
    {
        if (bytes < 1000)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{bytes} B");
        }

        double value = bytes;
        int unit = -1;
        while (value >= 999.5)
        {
            value /= 1000;
            unit++;
        }

        string format = value < 9.95 ? "0.0" : "0";
        return $"{value.ToString(format, CultureInfo.InvariantCulture)} {Units[unit]}";
    }
}
