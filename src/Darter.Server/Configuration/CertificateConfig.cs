namespace Darter.Server.Configuration;

/// <summary>A certificate of the server and its key.</summary>
public sealed record CertificateConfig
{
    /// <summary>The PEM file with the certificate, and those that lead to a root behind it.</summary>
    public required string CertificateFile { get; init; }

    /// <summary>The PEM file with the private key; null: it is in the certificate's file.</summary>
    public string? KeyFile { get; init; }

    /// <summary>The password of the key; null: it has none.</summary>
    public string? Password { get; init; }
}
