using System.Text.Json;

namespace Darter.Server.Tls.Acme;

/// <summary>The header of one that is signed for an authority (RFC 8555, section 6.2).</summary>
internal sealed record JsonWebHeader(string Alg, string? Kid, JsonElement? Jwk, string? Nonce, Uri Url);
