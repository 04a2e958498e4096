using System.Net;
using Darter.Server.Configuration;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace Darter.Server.Proxying;

/// <summary>Makes the requests of health checks.</summary>
internal sealed class ProbeRequests(Func<string, UpstreamConfig> configOf) : IProbingRequestFactory
{
    /// <inheritdoc/>
    public HttpRequestMessage CreateRequest(ClusterModel cluster, DestinationModel destination)
    {
        DestinationConfig config = destination.Config;
        HttpRequestMessage request = new(HttpMethod.Get, config.Address + cluster.Config.HealthCheck!.Active!.Path)
        {
            Version = cluster.Config.HttpRequest?.Version ?? HttpVersion.Version11,
            VersionPolicy = cluster.Config.HttpRequest?.VersionPolicy ?? HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.Host = ClusterMap.HostOf(config);
        request.Headers.TryAddWithoutValidation("User-Agent", "darter (health check)");
        ConnectionTarget.Set(request, config, configOf(cluster.Config.ClusterId));
        return request;
    }
}
