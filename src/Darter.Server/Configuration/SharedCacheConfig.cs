namespace Darter.Server.Configuration;

/// <summary>The values that workers share (<c>darter.cache</c>).</summary>
public sealed record SharedCacheConfig
{
    /// <summary>Bytes that all values may take; 0: there is no shared cache. Default 0; of the command: 64 MiB, as memcached, which are taken only as they are used.</summary>
    public long Size { get; init; }

    /// <summary>Most bytes of a value. Default 1 MiB, as memcached.</summary>
    public int MaxItem { get; init; } = 1024 * 1024;

    /// <summary>Where memcached's protocol is spoken beside the workers' own socket; null: nowhere. Default: nowhere.</summary>
    public BindAddress? Bind { get; init; }

    /// <summary>Whether there is one.</summary>
    internal bool IsOn => Size > 0;
}
