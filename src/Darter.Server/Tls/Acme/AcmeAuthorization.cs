namespace Darter.Server.Tls.Acme;

/// <summary>An authorization (section 7.1.4).</summary>
internal sealed record AcmeAuthorization(string? Status, AcmeIdentifier? Identifier, IReadOnlyList<AcmeChallenge>? Challenges);
