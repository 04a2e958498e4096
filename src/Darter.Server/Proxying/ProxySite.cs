using Darter.Server.Configuration;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.SessionAffinity;

namespace Darter.Server.Proxying;

/// <summary>What all upstreams of a server share.</summary>
internal sealed class ProxySite
{
    /// <summary>The front's settings.</summary>
    internal required ServerConfig Config { get; init; }

    /// <summary>The clock.</summary>
    internal required TimeProvider Time { get; init; }

    /// <summary>The operator's log.</summary>
    internal required ILogger Logger { get; init; }

    /// <summary>Sends requests.</summary>
    internal required IHttpForwarder Forwarder { get; init; }

    /// <summary>Finds the destination that a cookie names, and names it in a cookie.</summary>
    internal required ISessionAffinityPolicy Affinity { get; init; }

    /// <summary>Keeps the health of destinations.</summary>
    internal required IDestinationHealthUpdater Health { get; init; }

    /// <summary>Cancelled when WebSockets are to end, since the server stops.</summary>
    internal required CancellationToken Stopping { get; init; }

    /// <summary>What is said to destinations of clients.</summary>
    internal required ClientFields Fields { get; init; }
}
