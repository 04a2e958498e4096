namespace Darter.Server.Configuration;

/// <summary>What <c>darter files</c> was asked to do: immutable, verified, all defaults filled in.</summary>
public sealed record FilesConfig
{
    /// <summary>Addresses, limits and logs.</summary>
    public required ServerConfig Server { get; init; }

    /// <summary>The folder, and how it is served.</summary>
    public required FolderConfig Folder { get; init; }

    /// <summary>The certificate, if the server speaks https; null: plain HTTP.</summary>
    public TlsConfig? Tls { get; init; }

    /// <summary>Who may use it; null: everybody.</summary>
    public AuthConfig? Auth { get; init; }

    /// <summary>The origin whose pages may read what is served, <c>*</c> for all; null: its own only.</summary>
    public string? CorsOrigin { get; init; }

    /// <summary>Programs that are run; null: none.</summary>
    public CgiConfig? Cgi { get; init; }

    /// <summary>Whether each connection ends with its response and there is no HTTP/2, as with HTTP/1.0. Default no.</summary>
    public bool ClosesConnections { get; init; }
}
