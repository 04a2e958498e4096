using Darter.Server.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.SessionAffinity;

namespace Darter.Server.Proxying;

/// <summary>
/// YARP's services, without its routes and its pipeline: it keeps clusters, their clients, their health, and sends requests.
/// What is asked of it here, it does at once.
/// </summary>
internal sealed class ProxyEngine : IConfigChangeListener, IDisposable
{
    private readonly InMemoryConfigProvider _provider;
    private readonly ServiceProvider _services;
    private Exception? _failure;

    /// <param name="clusters">The clusters to begin with.</param>
    /// <param name="configOf">The upstream of a cluster.</param>
    /// <param name="onChanged">Called when destinations of a cluster, or those of them that are available, are others.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">The log.</param>
    internal ProxyEngine(
        IReadOnlyList<ClusterConfig> clusters,
        Func<string, UpstreamConfig> configOf,
        Action<string, IReadOnlyList<DestinationState>, IReadOnlyList<DestinationState>> onChanged,
        TimeProvider time,
        ILoggerFactory loggers)
    {
        _provider = new InMemoryConfigProvider([], clusters);
        ServiceCollection services = new();
        services.AddSingleton<ILoggerFactory>(new QuietLoggers(loggers));
        services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        services.AddSingleton(time);
        services.AddSingleton<IProxyConfigProvider>(_provider);
        services.AddSingleton<IConfigChangeListener>(this);
        services.AddSingleton<IForwarderHttpClientFactory>(new UpstreamClients(configOf));
        services.AddSingleton<IProbingRequestFactory>(new ProbeRequests(configOf));
        services.AddSingleton<IAvailableDestinationsPolicy>(new AvailableDestinations(onChanged));
        services.AddReverseProxy();
        _services = services.BuildServiceProvider();
        new NoRoutes(_services).MapReverseProxy(static _ => { });
        Forwarder = _services.GetRequiredService<IHttpForwarder>();
        Health = _services.GetRequiredService<IDestinationHealthUpdater>();
        Affinity = _services.GetServices<ISessionAffinityPolicy>().First(policy => policy.Name == SessionAffinityConstants.Policies.HashCookie);
    }

    /// <summary>Sends requests.</summary>
    internal IHttpForwarder Forwarder { get; }

    /// <summary>Keeps the health of destinations.</summary>
    internal IDestinationHealthUpdater Health { get; }

    /// <summary>Finds the destination that a cookie names.</summary>
    internal ISessionAffinityPolicy Affinity { get; }

    /// <summary>A cluster.</summary>
    internal ClusterState? Find(string name) => _services.GetRequiredService<IProxyStateLookup>().TryGetCluster(name, out ClusterState? cluster) ? cluster : null;

    /// <summary>Has other clusters; requests under way are not concerned.</summary>
    internal void Update(IReadOnlyList<ClusterConfig> clusters)
    {
        _failure = null;
        _provider.Update([], clusters);
        if (_failure is { } failure)
        {
            throw new InvalidOperationException("YARP refuses the upstreams.", failure);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _services.Dispose();

    void IConfigChangeListener.ConfigurationLoadingFailed(IProxyConfigProvider configProvider, Exception exception) => _failure = exception;

    void IConfigChangeListener.ConfigurationLoaded(IReadOnlyList<IProxyConfig> proxyConfigs)
    {
        // It is not applied yet.
    }

    void IConfigChangeListener.ConfigurationApplyingFailed(IReadOnlyList<IProxyConfig> proxyConfigs, Exception exception) => _failure = exception;

    void IConfigChangeListener.ConfigurationApplied(IReadOnlyList<IProxyConfig> proxyConfigs)
    {
        // As expected.
    }

    /// <summary>What YARP wants to be attached to; there is no router behind it.</summary>
    private sealed class NoRoutes(IServiceProvider services) : IEndpointRouteBuilder
    {
        public IServiceProvider ServiceProvider => services;

        public ICollection<EndpointDataSource> DataSources { get; } = [];

        public IApplicationBuilder CreateApplicationBuilder() => new ApplicationBuilder(services);
    }
}
