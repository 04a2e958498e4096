namespace Darter.Server.Configuration;

/// <summary>What clients may put into a folder that is served.</summary>
public sealed record UploadConfig
{
    /// <summary>The largest file in bytes (413 beyond). Default 1 GiB.</summary>
    public long Limit { get; init; } = 1L << 30;
}
