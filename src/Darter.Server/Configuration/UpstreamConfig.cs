namespace Darter.Server.Configuration;

/// <summary>Servers of the same kind that requests are spread over. What is not said otherwise is the project's own choice.</summary>
public sealed record UpstreamConfig
{
    /// <summary>The servers: at least one, each address once.</summary>
    public required IReadOnlyList<UpstreamDestination> Destinations { get; init; }

    /// <summary>
    /// How one of them is chosen. Default: the less busy of two at random, as YARP. That avoids a slow one, which round robin
    /// does not, and several fronts do not all choose the same one, as with the fewest requests.
    /// </summary>
    public UpstreamPolicy Policy { get; init; }

    /// <summary>Whether and how destinations are asked how they are; null: they are not. Default: they are not.</summary>
    public UpstreamHealthConfig? Health { get; init; }

    /// <summary>When a destination whose requests fail gets none for a while; null: never. Default as nginx: after one, for 10 s.</summary>
    public UpstreamPassiveConfig? Passive { get; init; } = new();

    /// <summary>Whether clients stay with a destination; null: they do not. Default: they do not.</summary>
    public UpstreamStickyConfig? Sticky { get; init; }

    /// <summary>
    /// Most other destinations that a request is given to after it failed at the first; null: each once. A request that was
    /// certainly not sent may be of any method, one that may have been must be idempotent, with a body of at most
    /// <see cref="MaxKeptBody"/> if any. Default: null, as nginx's <c>proxy_next_upstream_tries 0</c>.
    /// </summary>
    public int? Retries { get; init; }

    /// <summary>
    /// How long a destination that is available again, or new, takes to get its share of the requests, which grows from a tenth;
    /// zero: it has it at once. Default: zero, as nginx's <c>slow_start</c>.
    /// </summary>
    public TimeSpan SlowStart { get; init; }

    /// <summary>
    /// Most requests and WebSockets that a destination has at a time; if all have as many, the answer is 503 with Retry-After.
    /// 0: no limit. Default: 0, as nginx's <c>max_conns</c>.
    /// </summary>
    public int MaxConnections { get; init; }

    /// <summary>How long connecting may take, TLS included. Default 5 s: twice a lost SYN, and soon enough for another destination.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long nothing may come from the destination or go to it, an open WebSocket included (504 before the response began).
    /// Default 60 s, as nginx's <c>proxy_read_timeout</c>.
    /// </summary>
    public TimeSpan ActivityTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long an idle connection to a destination is kept. Default 60 s, as nginx's <c>keepalive_timeout</c> for upstreams.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The version of HTTP. Default: HTTP/2 where TLS agrees on it and for gRPC, else HTTP/1.1.</summary>
    public UpstreamHttpVersion HttpVersion { get; init; }

    /// <summary>
    /// How often hosts that are names are looked up; each address of a name is a destination. Zero: once. Default 30 s, which is
    /// how long short-lived entries of DNS mostly last.
    /// </summary>
    public TimeSpan ResolveInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether certificates of https destinations must be valid. Default: true; nginx does not look at them unless told to.</summary>
    public bool VerifyCertificates { get; init; } = true;

    /// <summary>
    /// Whether destinations get the Host that the client asked for; else their own, and the client's in X-Forwarded-Host only.
    /// Null: those without TLS do. Default: null. Behind a proxy of one's own, applications make links and check origins by
    /// Host; to https destinations, which are mostly somebody else's, it says which of their sites is meant.
    /// </summary>
    public bool? PassHost { get; init; }

    /// <summary>Most bytes of a request's body that are kept to send them again.</summary>
    public const int MaxKeptBody = 64 * 1024;

    /// <summary>What is wrong with the upstream, each a sentence for the user; none: it can be used.</summary>
    /// <param name="name">The upstream's name.</param>
    public IEnumerable<string> Problems(string name)
    {
        if (name.Length == 0)
        {
            yield return "an upstream must have a name";
        }

        if (Destinations.Count == 0)
        {
            yield return $"the upstream '{name}' has no destinations";
        }

        foreach (UpstreamDestination destination in Destinations.GroupBy(destination => destination.Address).Where(group => group.Skip(1).Any()).Select(group => group.First()))
        {
            yield return $"the upstream '{name}' has the destination {destination.Address} more than once; give it a weight instead";
        }

        if (Destinations.FirstOrDefault(destination => destination.Weight < 1) is { } weightless)
        {
            yield return $"the upstream '{name}': the weight of {weightless.Address} must be at least 1, not {weightless.Weight}";
        }

        foreach ((string what, TimeSpan time) in ((string, TimeSpan)[])
            [("connect timeout", ConnectTimeout), ("activity timeout", ActivityTimeout), ("keep-alive", KeepAlive), .. Health is null ? [] : ((string, TimeSpan)[])[("health interval", Health.Interval), ("health timeout", Health.Timeout)], .. Passive is null ? [] : ((string, TimeSpan)[])[("fail timeout", Passive.FailTimeout)]])
        {
            if (time <= TimeSpan.Zero || time > LongestTime)
            {
                yield return $"the upstream '{name}': the {what} must be more than 0 and at most {LongestTime.TotalDays:0} days";
            }
        }

        if (SlowStart < TimeSpan.Zero || ResolveInterval < TimeSpan.Zero || SlowStart > LongestTime || ResolveInterval > LongestTime)
        {
            yield return $"the upstream '{name}': slow start and the interval of looking names up must be from 0 to {LongestTime.TotalDays:0} days";
        }

        if (MaxConnections < 0 || Retries < 0 || Health?.Fails < 1 || Passive?.MaxFails < 1)
        {
            yield return $"the upstream '{name}': numbers of connections and retries must be at least 0, those of failures at least 1";
        }

        if (Health is { } health && !health.Path.StartsWith('/'))
        {
            yield return $"the upstream '{name}': the path of the health check must begin with a slash, not '{health.Path}'";
        }

        if (Sticky is { } sticky && (sticky.Cookie.Length == 0 || sticky.Cookie.Any(character => !char.IsAsciiLetterOrDigit(character) && !"!#$%&'*+-.^_`|~".Contains(character, StringComparison.Ordinal))))
        {
            yield return $"the upstream '{name}': '{sticky.Cookie}' cannot be the name of a cookie";
        }

        if (Sticky?.MaxAge <= TimeSpan.Zero)
        {
            yield return $"the upstream '{name}': the age of the cookie must be more than 0";
        }
    }

    // Timers take no more.
    private static readonly TimeSpan LongestTime = TimeSpan.FromDays(20);
}
