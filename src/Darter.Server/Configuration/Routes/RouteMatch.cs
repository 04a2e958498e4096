using Darter.Server.Proxies;

namespace Darter.Server.Configuration.Routes;

/// <summary>Which requests a route is for: those that fit all of this.</summary>
/// <remarks>
/// Lists are alternatives; an empty one fits everything. In patterns <c>*</c> stands for any characters, none included. Those of hosts
/// and paths that begin with <c>~</c> are regular expressions, see <see cref="RouteExpression"/>.
/// </remarks>
public sealed record RouteMatch
{
    /// <summary>Patterns of the host without its port, in any case: <c>example.org</c>, <c>*.example.org</c>. Default empty.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>
    /// Patterns of the path, in its normal form: percent-decoded, without dot segments and doubled slashes. <c>/static/*</c>,
    /// <c>/health</c>, <c>*.php</c>. Default empty.
    /// </summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Methods, exactly. Default empty.</summary>
    public IReadOnlyList<string> Methods { get; init; } = [];

    /// <summary>Fields that must be there, one value of each fitting the pattern; <c>*</c>: any. All of them must fit. Default empty.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Fields { get; init; } = [];

    /// <summary>Clients, by address; behind a trusted proxy the one that it names. Null: all. Default null.</summary>
    public TrustedAddresses? Sources { get; init; }

    /// <summary><c>http</c> or <c>https</c>, behind a trusted proxy what it says; null: both. Default null.</summary>
    public string? Scheme { get; init; }
}
