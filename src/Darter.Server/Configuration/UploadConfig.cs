namespace Darter.Server.Configuration;

/// <summary>What clients may put into a folder that is served.</summary>
public sealed record UploadConfig
{
    /// <summary>The largest file in bytes (413 beyond). Default 1 GiB.</summary>
    public long Limit { get; init; } = 1L << 30;

    /// <summary>Another origin whose pages may send files, as <c>--cors</c> names it; null: only the server's own.</summary>
    public string? TrustedOrigin { get; init; }
}
