namespace Darter.Server.Tls.Acme;

/// <summary>A challenge (section 7.1.5).</summary>
internal sealed record AcmeChallenge(string? Type, Uri? Url, string? Status, string? Token, AcmeProblem? Error);
