namespace Darter.Server.Configuration.Routes;

/// <summary>How the answers of a route are kept. All routes share the memory of <see cref="CacheConfig.Size"/>.</summary>
/// <param name="IsOn">Whether they are kept at all.</param>
/// <param name="Ttl">How long an answer is fresh that says nothing of it; null: as <see cref="CacheConfig.Ttl"/>. Default null.</param>
public sealed record RouteCache(bool IsOn, TimeSpan? Ttl = null);
