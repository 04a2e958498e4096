namespace Darter.Server.Configuration.Routes;

/// <summary>How many requests a client may send through a route (429 with Retry-After beyond).</summary>
/// <param name="Requests">So many requests, at least 1,</param>
/// <param name="Per">in so long a time, continuously: a tenth of them in a tenth of it.</param>
/// <param name="Burst">So many at once, at least 1, after a pause. Default 0: as many as <paramref name="Requests"/>.</param>
/// <param name="IsShared">Whether all clients have one limit together. Default no: each address its own, IPv6 by its /64.</param>
public sealed record RateLimit(int Requests, TimeSpan Per, int Burst = 0, bool IsShared = false);
