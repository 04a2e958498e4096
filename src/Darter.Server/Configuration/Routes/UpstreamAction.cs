namespace Darter.Server.Configuration.Routes;

/// <summary>Other servers answer.</summary>
/// <param name="Upstream">Their name in the configuration.</param>
public sealed record UpstreamAction(string Upstream) : RouteAction;
