using System.Net;
using Darter.Transport;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Darter.Server.SharedValues;

/// <summary>Listens where values are asked for, in memcached's text protocol.</summary>
internal sealed class ValueServer : IDisposable
{
    // What is asked is answered at once.
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(1);

    private readonly KestrelServer _server;
    private readonly List<ListenOptions> _listeners = [];

    /// <param name="endPoints">Where to listen.</param>
    /// <param name="transport">What opens them.</param>
    /// <param name="service">The values.</param>
    /// <param name="loggers">Get what goes wrong.</param>
    /// <param name="gate">Who may connect; null: whoever can.</param>
    internal ValueServer(IEnumerable<EndPoint> endPoints, EpollTransportFactory transport, ValueService service, ILoggerFactory loggers, WorkerGate? gate = null)
    {
        KestrelServerOptions options = new();
        foreach (EndPoint endPoint in endPoints)
        {
            options.Listen(endPoint, listener =>
            {
                gate?.Guard(listener);

                // The pipeline ends here; HTTP, which the server puts behind it, is never reached.
                listener.Use(_ => connection => new MemcachedConnection(connection, service).RunAsync());
                _listeners.Add(listener);
            });
        }

        _server = new KestrelServer(Options.Create(options), transport, loggers);
    }

    /// <summary>Where it listens, once it does.</summary>
    internal IEnumerable<string> Addresses => _listeners.Select(listener => listener.SocketPath is { } path ? $"unix:{path}" : $"{listener.EndPoint}");

    /// <summary>Listens.</summary>
    internal Task StartAsync() => _server.StartAsync<IFeatureCollection>(new NoApplication(), CancellationToken.None);

    /// <summary>Answers what was asked, and listens no more.</summary>
    internal async Task StopAsync()
    {
        using CancellationTokenSource source = new(StopTime);
        await _server.StopAsync(source.Token).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => _server.Dispose();

    private sealed class NoApplication : Microsoft.AspNetCore.Hosting.Server.IHttpApplication<IFeatureCollection>
    {
        /// <inheritdoc/>
        public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

        /// <inheritdoc/>
        public Task ProcessRequestAsync(IFeatureCollection context) => throw new InvalidOperationException("There is no HTTP here.");

        /// <inheritdoc/>
        public void DisposeContext(IFeatureCollection context, Exception? exception)
        {
        }
    }
}
