namespace Darter.Server.Tls.Acme;

/// <summary>Why something is refused (RFC 7807; RFC 8555, section 6.7).</summary>
internal sealed record AcmeProblem(string? Type, string? Detail, IReadOnlyList<AcmeProblem>? Subproblems);
