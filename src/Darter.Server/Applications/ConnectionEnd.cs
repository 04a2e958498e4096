using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Applications;

/// <summary>Has the client take another connection for its next request.</summary>
internal static class ConnectionEnd
{
    /// <summary>Says so with the response.</summary>
    internal static void Announce(IFeatureCollection features, IHttpRequestFeature request, IHttpResponseFeature response)
    {
        if (request.Protocol is "HTTP/1.1" or "HTTP/1.0")
        {
            response.Headers.Connection = "close";
        }
        else
        {
            // GOAWAY: the streams under way go on.
            features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }
    }
}
