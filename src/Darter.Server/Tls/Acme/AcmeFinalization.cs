namespace Darter.Server.Tls.Acme;

/// <summary>The end of an order: the request for the certificate itself, base64url of its DER.</summary>
internal sealed record AcmeFinalization(string Csr);
