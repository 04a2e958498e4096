namespace Darter.Server.Caching;

/// <summary>Whose requests a stored answer may be used for.</summary>
[Flags]
internal enum CacheAudience
{
    /// <summary>Requests that say nothing about who sends them.</summary>
    Anybody = 0,

    /// <summary>Requests with cookies, too: the answer says itself how long it is fresh.</summary>
    Cookies = 1,

    /// <summary>Requests of clients that say who they are, too: the answer allows it (RFC 9111, section 3.5).</summary>
    Identified = 2,
}
