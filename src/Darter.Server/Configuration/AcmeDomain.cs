using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Darter.Server.Configuration;

/// <summary>Names that a certificate can be obtained for by the challenges that the server answers.</summary>
public static class AcmeDomain
{
    private const int LongestName = 253;
    private const int LongestLabel = 63;
    private static readonly IdnMapping s_mapping = new();

    /// <summary>Reads a name and brings it into its ASCII form, lower case; when false, <paramref name="error"/> says what is wrong.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out string? name, [NotNullWhen(false)] out string? error)
    {
        name = null;
        error = ErrorOf(text, ref name);
        return error is null;
    }

    private static string? ErrorOf(string text, ref string? name)
    {
        if (text.StartsWith('*'))
        {
            return $"'{text}' would need the challenge DNS-01, which the server cannot answer: name the hosts one by one";
        }

        if (IPAddress.TryParse(text, out _))
        {
            return $"'{text}' is an address, and certificates are obtained for names";
        }

        string ascii;
        try
        {
            ascii = s_mapping.GetAscii(text).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return $"'{text}' is not a host name";
        }

        // RFC 1123, section 2.1; RFC 5890, section 2.3.1: letters, digits and hyphens, the latter at neither end.
        bool isName = ascii.Length is > 0 and <= LongestName && ascii.Split('.').All(label =>
            label.Length is > 0 and <= LongestLabel && label.All(character => char.IsAsciiLetterOrDigit(character) || character == '-') && label[0] != '-' && label[^1] != '-');
        if (!isName)
        {
            return $"'{text}' is not a host name";
        }

        name = ascii;
        return null;
    }
}
