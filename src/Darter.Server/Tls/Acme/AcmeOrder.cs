namespace Darter.Server.Tls.Acme;

/// <summary>An order (section 7.1.3).</summary>
internal sealed record AcmeOrder(string? Status, IReadOnlyList<Uri>? Authorizations, Uri? Finalize, Uri? Certificate, AcmeProblem? Error);
