namespace Darter.Server.Configuration;

/// <summary>A client stays with its destination, which it is told in a cookie, as long as that is available.</summary>
public sealed record UpstreamStickyConfig
{
    /// <summary>The cookie's name. Its value is a hash of the destination's address, and HttpOnly.</summary>
    public required string Cookie { get; init; }

    /// <summary>How long browsers keep the cookie; null: until they are closed. Default: null, as nginx's <c>sticky cookie</c>.</summary>
    public TimeSpan? MaxAge { get; init; }
}
