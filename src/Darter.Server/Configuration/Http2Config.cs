namespace Darter.Server.Configuration;

/// <summary>HTTP/2's settings (RFC 9113, 6.5.2).</summary>
public sealed record Http2Config
{
    /// <summary>The least that SETTINGS_MAX_FRAME_SIZE may be.</summary>
    public const int SmallestMaxFrameSize = 1 << 14;

    /// <summary>The most that it may be.</summary>
    public const int LargestMaxFrameSize = (1 << 24) - 1;

    /// <summary>Requests that a connection may have at a time, at least 1. Default 100, as Gunicorn and Kestrel.</summary>
    public int MaxConcurrentStreams { get; init; } = 100;

    /// <summary>Largest frame that is accepted, in bytes. Default 16384, HTTP/2's own.</summary>
    public int MaxFrameSize { get; init; } = SmallestMaxFrameSize;
}
