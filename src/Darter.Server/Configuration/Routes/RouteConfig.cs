using Darter.Server.Proxies;

namespace Darter.Server.Configuration.Routes;

/// <summary>Which requests go where, and what is done with them on the way. The first route that fits has the request.</summary>
public sealed record RouteConfig
{
    /// <summary>Most characters that the fields of a request or response which a route sets may have together.</summary>
    public const int MaxFields = 8 * 1024;

    /// <summary>How the operator finds it, such as <c>darter.toml:41</c>; for logs and for <c>darter check</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Which requests. Default: all.</summary>
    public RouteMatch Match { get; init; } = new();

    /// <summary>Who answers.</summary>
    public required RouteAction Action { get; init; }

    /// <summary>
    /// The path that takes the place of the request's, without its query, which is kept; <c>*</c> in it is what the last <c>*</c> of the
    /// matching pattern stood for. Null: the path stays. Default null.
    /// </summary>
    public string? Rewrite { get; init; }

    /// <summary>Fields of the request that are set or removed before it is passed on, in this order. Default none.</summary>
    public IReadOnlyList<FieldChange> RequestFields { get; init; } = [];

    /// <summary>Fields of the response that are set or removed before it is sent, in this order. Default none.</summary>
    public IReadOnlyList<FieldChange> ResponseFields { get; init; } = [];

    /// <summary>Clients that may use it, the others get 403; null: all. Default null. A client on a Unix socket may.</summary>
    public TrustedAddresses? Allow { get; init; }

    /// <summary>Clients that may not (403), though they be among <see cref="Allow"/>; null: none. Default null.</summary>
    public TrustedAddresses? Deny { get; init; }

    /// <summary>Who may use it, by name and password (RFC 7617); empty: everybody. Default empty.</summary>
    public IReadOnlyList<AuthConfig> Users { get; init; } = [];

    /// <summary>How the client is told what the password is for. Default <c>Restricted</c>.</summary>
    public string Realm { get; init; } = "Restricted";

    /// <summary>How many requests a client may send; null: any number. Default null.</summary>
    public RateLimit? RateLimit { get; init; }

    /// <summary>Largest request body in bytes (413 beyond), if that is less than the server's --limit-request-body; null: that. Default null.</summary>
    public long? LimitRequestBody { get; init; }

    /// <summary>
    /// How long it may take until an application's response begins, and how long nothing may come from an upstream or go to it (504
    /// afterwards); null: as they have it. Default null.
    /// </summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Whether and how answers of an application or upstream are kept; null: as <see cref="ServerConfig.Cache"/> says. Default null.</summary>
    public RouteCache? Cache { get; init; }
}
