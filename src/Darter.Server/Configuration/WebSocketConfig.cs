namespace Darter.Server.Configuration;

/// <summary>Settings of WebSockets; names and defaults are uvicorn's.</summary>
public sealed record WebSocketConfig
{
    /// <summary>Largest message of a client in bytes, after decompression; a larger one closes with 1009. Default 16 MiB.</summary>
    public long MaxSize { get; init; } = 16 * 1024 * 1024;

    /// <summary>
    /// Most messages of a client that wait for the application, at least 1; then no more are read. Default 32. The workers
    /// must have the same.
    /// </summary>
    public int MaxQueue { get; init; } = 32;

    /// <summary>How long nothing may be heard of a client before it is pinged; zero: no pings. Default 20 s.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a pinged client may stay silent before it counts as gone; zero: for ever. Default 20 s.</summary>
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a client may take to answer a close frame, once it has taken what came before it. Default 10 s, as the websockets library.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether messages are compressed if the client offers it (permessage-deflate). Default true.</summary>
    public bool PerMessageDeflate { get; init; } = true;
}
