namespace Darter.Server.Configuration;

/// <summary>Content codings (RFC 9110, section 8.4.1; br: RFC 7932; zstd: RFC 8878).</summary>
[Flags]
public enum ContentCodings
{
    /// <summary>The bytes as they are.</summary>
    None = 0,

    /// <summary>gzip.</summary>
    Gzip = 1,

    /// <summary>Brotli.</summary>
    Brotli = 2,

    /// <summary>Zstandard.</summary>
    Zstandard = 4,
}
