using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Darter.Transport.Tests;

/// <summary>Kestrel on the transport, with an application that is one delegate.</summary>
internal sealed class TestServer : IHttpApplication<IFeatureCollection>, IConnectionListenerFactory, IConnectionListenerFactorySelector, IAsyncDisposable
{
    private readonly CollectingLogger _logger = new();
    private readonly EventLoopGroup _loops;
    private readonly EpollTransportFactory _transport;
    private readonly KestrelServer _server;
    private readonly Func<IFeatureCollection, Task> _application;
    private readonly List<EndPoint> _endPoints = [];

    private TestServer(Func<IFeatureCollection, Task> application, EndPoint endPoint, HttpProtocols protocols, int loops)
    {
        _application = application;
        _loops = new EventLoopGroup(loops, _logger);
        _transport = new EpollTransportFactory(_loops, new EpollTransportOptions(), _logger);
        KestrelServerOptions options = new();
        options.Limits.MaxRequestBodySize = null;

        // The tests' slow peers are slow on purpose.
        options.Limits.MinRequestBodyDataRate = null;
        options.Limits.MinResponseDataRate = null;
        void Configure(ListenOptions listen) => listen.Protocols = protocols;
        switch (endPoint)
        {
            case IPEndPoint ip:
                options.Listen(ip, Configure);
                break;
            case UnixDomainSocketEndPoint unix:
                options.ListenUnixSocket(unix.ToString(), Configure);
                break;
            case FileHandleEndPoint handle:
                options.ListenHandle(handle.FileHandle, Configure);
                break;
        }

        _server = new KestrelServer(Options.Create(options), this, _logger);
    }

    /// <summary>Where the server listens.</summary>
    internal EndPoint EndPoint => _endPoints[0];

    internal IReadOnlyList<EventLoop> Loops => _loops.Loops;

    /// <summary>Warnings and worse of server, transport and loops; the server may not be disposed with any.</summary>
    internal ConcurrentQueue<string> Logged => _logger.Entries;

    internal static Task<TestServer> StartAsync(Func<IFeatureCollection, Task> application, AddressKind kind = AddressKind.IPv4, HttpProtocols protocols = HttpProtocols.Http1, int loops = 1) =>
        StartAsync(application, Address.New(kind), protocols, loops);

    internal static async Task<TestServer> StartAsync(Func<IFeatureCollection, Task> application, EndPoint endPoint, HttpProtocols protocols = HttpProtocols.Http1, int loops = 1)
    {
        TestServer server = new(application, endPoint, protocols, loops);
        await server._server.StartAsync(server, CancellationToken.None);
        return server;
    }

    /// <summary>A connection to the server.</summary>
    internal async Task<TestClient> ConnectAsync() => new(await Address.ConnectAsync(EndPoint));

    /// <summary>Stops the server and waits for its connections, as a graceful shutdown does.</summary>
    internal Task StopAsync(CancellationToken cancellation = default) => Wait.For(_server.StopAsync(cancellation), "Kestrel to stop");

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource now = new();
        await now.CancelAsync();
        await StopAsync(now.Token);
        _server.Dispose();
        _loops.Dispose();
        Assert.True(Logged.IsEmpty, string.Join("\n", Logged));
    }

    bool IConnectionListenerFactorySelector.CanBind(EndPoint endpoint) => _transport.CanBind(endpoint);

    async ValueTask<IConnectionListener> IConnectionListenerFactory.BindAsync(EndPoint endpoint, CancellationToken cancellationToken)
    {
        IConnectionListener listener = await _transport.BindAsync(endpoint, cancellationToken);
        _endPoints.Add(listener.EndPoint);
        return listener;
    }

    IFeatureCollection IHttpApplication<IFeatureCollection>.CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

    Task IHttpApplication<IFeatureCollection>.ProcessRequestAsync(IFeatureCollection context) => _application(context);

    void IHttpApplication<IFeatureCollection>.DisposeContext(IFeatureCollection context, Exception? exception)
    {
    }
}
