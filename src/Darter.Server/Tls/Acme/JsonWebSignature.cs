namespace Darter.Server.Tls.Acme;

/// <summary>A signed message in flattened form (RFC 7515, section 7.2.2).</summary>
internal sealed record JsonWebSignature(string Protected, string Payload, string Signature);
