using System.Net;
using Darter.Server.Configuration;
using Darter.Transport;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Darter.Server.Hub;

/// <summary>Listens where it is published: a server of its own, so that no client of the application finds it.</summary>
internal sealed class PublishServer : IDisposable
{
    // What is asked is answered at once.
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(1);

    private readonly KestrelServer _server;
    private readonly PublishApplication _application;
    private readonly List<ListenOptions> _listeners = [];

    /// <param name="endPoints">Where to listen.</param>
    /// <param name="transport">What opens them.</param>
    /// <param name="hub">The hub.</param>
    /// <param name="access">Who may publish.</param>
    /// <param name="config">The limits.</param>
    /// <param name="loggers">Get what goes wrong.</param>
    /// <param name="gate">Who may connect; null: whoever can.</param>
    internal PublishServer(
        IEnumerable<EndPoint> endPoints, EpollTransportFactory transport, MessageHub hub, PublishAccess access, HubConfig config, ILoggerFactory loggers, WorkerGate? gate = null)
    {
        KestrelServerOptions options = new() { AddServerHeader = false };
        options.Limits.MaxRequestBodySize = config.MaxMessage;
        options.Limits.MinResponseDataRate = null;
        foreach (EndPoint endPoint in endPoints)
        {
            options.Listen(endPoint, listener =>
            {
                gate?.Guard(listener);
                listener.Protocols = HttpProtocols.Http1;
                _listeners.Add(listener);
            });
        }

        _application = new PublishApplication(hub, access, config.MaxMessage);
        _server = new KestrelServer(Options.Create(options), transport, loggers);
    }

    /// <summary>Where it listens, once it does, as a publisher takes it.</summary>
    internal IEnumerable<string> Addresses => _listeners.Select(listener => listener.SocketPath is { } path ? $"unix:{path}" : $"http://{listener.EndPoint}");

    /// <summary>Listens.</summary>
    internal Task StartAsync() => _server.StartAsync<IFeatureCollection>(_application, CancellationToken.None);

    /// <summary>Answers what was asked, and listens no more.</summary>
    internal async Task StopAsync()
    {
        using CancellationTokenSource source = new(StopTime);
        await _server.StopAsync(source.Token).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => _server.Dispose();
}
