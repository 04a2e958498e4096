using Darter.Server.Configuration;
using Darter.Server.Configuration.Routes;

namespace Darter.Cli.Settings.LongForm;

/// <summary>What only a file can say: applications, upstreams and routes.</summary>
internal sealed class LongFormConfig
{
    /// <summary>The applications, in the order of the file.</summary>
    internal List<AppSource> Apps { get; } = [];

    /// <summary>The upstreams by name.</summary>
    internal Dictionary<string, UpstreamConfig> Upstreams { get; } = [];

    /// <summary>The routes, the first that fits first.</summary>
    internal List<RouteConfig> Routes { get; } = [];

    /// <summary>Where routes name an application.</summary>
    internal List<NamedApp> NamedApps { get; } = [];

    /// <summary>Whether the file has routes, be they right or wrong.</summary>
    internal bool HasRoutes { get; set; }
}
