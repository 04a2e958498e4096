using System.Globalization;
using Darter.Server.Configuration;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Compression;

/// <summary>The field Accept-Encoding (RFC 9110, section 12.5.3).</summary>
internal static class AcceptedCodings
{
    private const ContentCodings All = ContentCodings.Gzip | ContentCodings.Brotli | ContentCodings.Zstandard;

    /// <summary>
    /// The codings that the client accepts at least as gladly as the bytes as they are. Among those the server chooses; where
    /// the client rates one above the other, only the ones it rates highest are left.
    /// </summary>
    /// <param name="field">The field.</param>
    /// <param name="available">Those that there are to choose from.</param>
    internal static ContentCodings Parse(StringValues field, ContentCodings available = All)
    {
        if (field.Count == 0)
        {
            return ContentCodings.None;
        }

        double gzip = -1;
        double brotli = -1;
        double zstandard = -1;
        double identity = -1;
        double others = -1;
        foreach (string? value in field)
        {
            ReadOnlySpan<char> text = value;
            foreach (Range part in text.Split(','))
            {
                ReadOnlySpan<char> item = text[part];
                int semicolon = item.IndexOf(';');
                double weight = semicolon < 0 ? 1 : WeightOf(item[(semicolon + 1)..]);
                ReadOnlySpan<char> name = (semicolon < 0 ? item : item[..semicolon]).Trim(" \t");
                switch (name)
                {
                    case var _ when name.Equals("gzip", StringComparison.OrdinalIgnoreCase) || name.Equals("x-gzip", StringComparison.OrdinalIgnoreCase):
                        gzip = weight;
                        break;
                    case var _ when name.Equals("br", StringComparison.OrdinalIgnoreCase):
                        brotli = weight;
                        break;
                    case var _ when name.Equals("zstd", StringComparison.OrdinalIgnoreCase):
                        zstandard = weight;
                        break;
                    case var _ when name.Equals("identity", StringComparison.OrdinalIgnoreCase):
                        identity = weight;
                        break;
                    case "*":
                        others = weight;
                        break;
                }
            }
        }

        gzip = Weight(gzip, ContentCodings.Gzip);
        brotli = Weight(brotli, ContentCodings.Brotli);
        zstandard = Weight(zstandard, ContentCodings.Zstandard);

        // What is not mentioned is acceptable, but least wanted.
        double best = Math.Max(Math.Max(gzip, brotli), zstandard);
        if (best <= 0 || identity > best)
        {
            return ContentCodings.None;
        }

        return (gzip == best ? ContentCodings.Gzip : 0) | (brotli == best ? ContentCodings.Brotli : 0) | (zstandard == best ? ContentCodings.Zstandard : 0);

        double Weight(double own, ContentCodings coding) => (available & coding) == 0 ? -1 : own < 0 ? others : own;
    }

    private static double WeightOf(ReadOnlySpan<char> parameter)
    {
        parameter = parameter.Trim(" \t");
        return parameter.StartsWith("q=", StringComparison.OrdinalIgnoreCase)
            && double.TryParse(parameter[2..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double weight)
            ? Math.Clamp(weight, 0, 1)
            : 0;
    }
}
