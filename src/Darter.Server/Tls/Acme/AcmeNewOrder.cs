namespace Darter.Server.Tls.Acme;

/// <summary>A request for a certificate.</summary>
internal sealed record AcmeNewOrder(IReadOnlyList<AcmeIdentifier> Identifiers);
