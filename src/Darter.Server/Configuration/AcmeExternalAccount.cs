namespace Darter.Server.Configuration;

/// <summary>An account that the authority knows otherwise, to which that of ACME is bound (RFC 8555, section 7.3.4).</summary>
public sealed record AcmeExternalAccount
{
    /// <summary>The identifier of the key that the authority has given out.</summary>
    public required string KeyId { get; init; }

    /// <summary>The key itself, base64url as authorities give it out.</summary>
    public required string Key { get; init; }
}
