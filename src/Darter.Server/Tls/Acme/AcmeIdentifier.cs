namespace Darter.Server.Tls.Acme;

/// <summary>What a certificate is for.</summary>
internal sealed record AcmeIdentifier(string? Type, string? Value);
