namespace Darter.Server.Configuration;

/// <summary>Certificates that the server obtains and renews itself (ACME, RFC 8555).</summary>
public sealed record AcmeConfig
{
    /// <summary>The directory of Let's Encrypt, the default.</summary>
    public static readonly Uri LetsEncrypt = new("https://acme-v02.api.letsencrypt.org/directory");

    /// <summary>The names, at least one, in their ASCII form and lower case (<see cref="AcmeDomain"/>); a certificate for each.</summary>
    public required IReadOnlyList<string> Domains { get; init; }

    /// <summary>Where the authority writes to when something is wrong with the account; null: nowhere. Default: null.</summary>
    public string? Email { get; init; }

    /// <summary>The authority's directory, https. Default: Let's Encrypt's.</summary>
    public Uri Directory { get; init; } = LetsEncrypt;

    /// <summary>The PEM file with the roots that the directory's own certificate must lead to; null: those of the system. Default: null.</summary>
    public string? DirectoryAuthorityFile { get; init; }

    /// <summary>The folder with account and certificates, which several servers may share; absolute.</summary>
    public required string StateFolder { get; init; }

    /// <summary>How the authority is shown that the names are this server's. Default: auto.</summary>
    public AcmeChallengeKind Challenge { get; init; }

    /// <summary>The account that the authority knows otherwise; null: it needs none. Default: null.</summary>
    public AcmeExternalAccount? ExternalAccount { get; init; }

    /// <summary>Lists are compared by what is in them.</summary>
    public bool Equals(AcmeConfig? other) =>
        other is not null && Domains.SequenceEqual(other.Domains) && Email == other.Email && Directory == other.Directory
        && DirectoryAuthorityFile == other.DirectoryAuthorityFile && StateFolder == other.StateFolder && Challenge == other.Challenge
        && ExternalAccount == other.ExternalAccount;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Domains.Count, Email, Directory, DirectoryAuthorityFile, StateFolder, Challenge, ExternalAccount);
}
