namespace Darter.Server.Tls.Acme;

/// <summary>A request for an account (section 7.3), and the account.</summary>
internal sealed record AcmeAccount
{
    /// <summary>Where the authority writes to.</summary>
    public IReadOnlyList<string>? Contact { get; init; }

    /// <summary>Whether its terms are agreed to.</summary>
    public bool? TermsOfServiceAgreed { get; init; }

    /// <summary>The account that the authority knows otherwise.</summary>
    public JsonWebSignature? ExternalAccountBinding { get; init; }
}
