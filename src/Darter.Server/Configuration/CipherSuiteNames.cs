using System.Net.Security;

namespace Darter.Server.Configuration;

/// <summary>Cipher suites as IANA names them, or OpenSSL.</summary>
public static class CipherSuiteNames
{
    // Those with forward secrecy and an AEAD; what else OpenSSL has a name of its own for is not to be used any more.
    private static readonly Dictionary<string, TlsCipherSuite> s_openSsl = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ECDHE-ECDSA-AES128-GCM-SHA256"] = TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        ["ECDHE-ECDSA-AES256-GCM-SHA384"] = TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        ["ECDHE-ECDSA-CHACHA20-POLY1305"] = TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        ["ECDHE-RSA-AES128-GCM-SHA256"] = TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        ["ECDHE-RSA-AES256-GCM-SHA384"] = TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        ["ECDHE-RSA-CHACHA20-POLY1305"] = TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ["DHE-RSA-AES128-GCM-SHA256"] = TlsCipherSuite.TLS_DHE_RSA_WITH_AES_128_GCM_SHA256,
        ["DHE-RSA-AES256-GCM-SHA384"] = TlsCipherSuite.TLS_DHE_RSA_WITH_AES_256_GCM_SHA384,
        ["DHE-RSA-CHACHA20-POLY1305"] = TlsCipherSuite.TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    };

    /// <summary>Reads names, separated by colons or commas. When false, <paramref name="unknown"/> is one that there is not.</summary>
    public static bool TryParse(string text, out IReadOnlyList<TlsCipherSuite> suites, out string? unknown)
    {
        List<TlsCipherSuite> found = [];
        suites = found;
        unknown = null;
        foreach (string name in text.Split([':', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!s_openSsl.TryGetValue(name, out TlsCipherSuite suite)
                && (!name.StartsWith("TLS_", StringComparison.Ordinal) || !Enum.TryParse(name, out suite)))
            {
                unknown = name;
                return false;
            }

            found.Add(suite);
        }

        return true;
    }
}
