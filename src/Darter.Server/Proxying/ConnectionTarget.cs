using Darter.Server.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace Darter.Server.Proxying;

/// <summary>Tells a new connection where it goes and what it must prove, where the request's URL and Host do not.</summary>
internal static class ConnectionTarget
{
    /// <summary>Sets it for a request to a destination.</summary>
    internal static void Set(HttpRequestMessage request, DestinationConfig destination, UpstreamConfig config)
    {
        if (destination.Metadata!.TryGetValue(ClusterMap.UnixPath, out string? path))
        {
            request.Options.Set(UpstreamClients.UnixPath, path);
        }
        else if (config.PassHost == true && destination.Address.StartsWith("https:", StringComparison.Ordinal))
        {
            // The platform takes the name from the Host field, which is the client's.
            string host = ClusterMap.HostOf(destination);
            request.Options.Set(UpstreamClients.TlsName, new Uri($"https://{host}").IdnHost.Trim('[', ']'));
        }
    }
}
