namespace Darter.Server.Configuration;

/// <summary>The cache of the application's answers (RFC 9111), in the front's memory.</summary>
public sealed record CacheConfig
{
    /// <summary>Bytes that the answers kept may take, with those that are just being received; 0: there is no cache. Default: 0.</summary>
    public long Size { get; init; }

    /// <summary>
    /// How long an answer is fresh that says nothing of it, to a request without cookies and credentials; zero: such an answer
    /// is not kept. Default: zero, since a guess (RFC 9111, section 4.2.2) may be wrong.
    /// </summary>
    public TimeSpan Ttl { get; init; }

    /// <summary>Most bytes of the body of an answer that is kept. Default 1 MiB, what a response may have waiting for its client anyway.</summary>
    public int MaxObject { get; init; } = 1024 * 1024;

    /// <summary>Whether there is a cache.</summary>
    internal bool IsOn => Size > 0;
}
