namespace Darter.Server.Tls.Acme;

/// <summary>The directory (RFC 8555, section 7.1.1).</summary>
internal sealed record AcmeDirectory(Uri? NewNonce, Uri? NewAccount, Uri? NewOrder, AcmeDirectoryMeta? Meta);
