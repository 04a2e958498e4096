namespace Darter.Server.Configuration;

/// <summary>A path of the URL whose requests go to an upstream.</summary>
/// <param name="Prefix">The path, <c>/api</c> for example; empty: everything. It is kept in the request.</param>
/// <param name="Upstream">The upstream's name in <see cref="ServerConfig.Upstreams"/>.</param>
public sealed record UpstreamPath(string Prefix, string Upstream);
