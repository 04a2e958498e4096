namespace Darter.Server.Tls.Acme;

/// <summary>What the directory says beside its addresses.</summary>
internal sealed record AcmeDirectoryMeta(bool ExternalAccountRequired);
