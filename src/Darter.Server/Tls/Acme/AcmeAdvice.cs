using Darter.Server.Configuration;

namespace Darter.Server.Tls.Acme;

/// <summary>What an operator can do about a problem.</summary>
internal static class AcmeAdvice
{
    /// <summary>A sentence for a kind of problem (RFC 8555, section 6.7).</summary>
    internal static string For(string kind, AcmeConfig config) => kind switch
    {
        "dns" => "Does the name have an A or AAAA record that leads to this server?",
        "connection" or "unauthorized" or "incorrectResponse" or "tls" =>
            "The authority must reach this server under the name, at port 80 (http-01, --redirect-http) or 443 (tls-alpn-01), IPv6 included if there is an AAAA record.",
        "caa" => "A CAA record of the name forbids this authority.",
        "rateLimited" => "There were too many orders or attempts; try things out with the authority's staging directory (--acme-directory).",
        "rejectedIdentifier" or "unsupportedIdentifier" => "The authority gives no certificates for this name (--acme-domain).",
        "externalAccountRequired" => "Give the key of an account with --acme-eab-kid and --acme-eab-key-file.",
        "invalidContact" or "unsupportedContact" => "Give another address with --acme-email.",
        "userActionRequired" => "The authority wants you to do something in its web site.",
        _ => $"The directory is {config.Directory} (--acme-directory).",
    };
}
