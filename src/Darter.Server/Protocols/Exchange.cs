using System.Diagnostics.CodeAnalysis;
using System.Net;
using Darter.Transport;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Protocols;

/// <summary>
/// A request over a gateway protocol and its response, as the application sees them: like a connection of the transport it is
/// its own features. How the bytes of the response travel is the protocol's.
/// </summary>
internal abstract partial class Exchange :
    IFeatureCollection,
    IHttpConnectionFeature,
    IConnectionLifetimeFeature,
    IConnectionLifetimeNotificationFeature,
    IHttpRequestLifetimeFeature,
    IPeerFinishedFeature,
    IEventLoopFeature
{
    private readonly ConnectionContext _connection;
    private readonly CancellationTokenSource _aborted = new();
    private CancellationTokenRegistration _connectionClosed;
    private Dictionary<Type, object>? _set;

    /// <param name="connection">The connection.</param>
    /// <param name="request">The request.</param>
    protected Exchange(ConnectionContext connection, CgiRequest request)
    {
        _connection = connection;
        _request = request;
        _remoteAddress = request.HasRemoteAddress ? request.RemoteAddress : (connection.RemoteEndPoint as IPEndPoint)?.Address;
        _remotePort = request.HasRemoteAddress ? request.RemotePort : (connection.RemoteEndPoint as IPEndPoint)?.Port ?? 0;
        _writer = new ResponseWriter(this);
        Loop = connection.Features.GetRequiredFeature<IEventLoopFeature>().Loop;
        _connectionClosed = connection.ConnectionClosed.UnsafeRegister(static state => ((Exchange)state!).Cancel(), this);
    }

    /// <inheritdoc/>
    public EventLoop Loop { get; }

    /// <summary>Whether it was broken off.</summary>
    internal bool IsBroken { get; private set; }

    bool IPeerFinishedFeature.PeerHasFinished => PeerHasFinished;

    Action? IPeerFinishedFeature.PeerFinished
    {
        get => PeerFinished;
        set => PeerFinished = value;
    }

    CancellationToken IHttpRequestLifetimeFeature.RequestAborted
    {
        get => _aborted.Token;
        set => throw new NotSupportedException("The token is the request's own.");
    }

    CancellationToken IConnectionLifetimeFeature.ConnectionClosed
    {
        get => _aborted.Token;
        set => throw new NotSupportedException("The token is the request's own.");
    }

    CancellationToken IConnectionLifetimeNotificationFeature.ConnectionClosedRequested
    {
        get => _connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        set => throw new NotSupportedException("The token is the server's own.");
    }

    string IHttpConnectionFeature.ConnectionId
    {
        get => _connection.ConnectionId;
        set => throw new NotSupportedException("The id is the connection's own.");
    }

    IPAddress? IHttpConnectionFeature.RemoteIpAddress
    {
        get => _remoteAddress;
        set => throw new NotSupportedException("The web server says who the client is.");
    }

    int IHttpConnectionFeature.RemotePort
    {
        get => _remotePort;
        set => throw new NotSupportedException("The web server says who the client is.");
    }

    IPAddress? IHttpConnectionFeature.LocalIpAddress
    {
        get => (_connection.LocalEndPoint as IPEndPoint)?.Address;
        set => throw new NotSupportedException("The address is the listener's.");
    }

    int IHttpConnectionFeature.LocalPort
    {
        get => (_connection.LocalEndPoint as IPEndPoint)?.Port ?? 0;
        set => throw new NotSupportedException("The port is the listener's.");
    }

    bool IFeatureCollection.IsReadOnly => false;

    int IFeatureCollection.Revision => _set?.Count ?? 0;

    object? IFeatureCollection.this[Type key]
    {
        get => _set is not null && _set.TryGetValue(key, out object? feature) ? feature : key.IsInstanceOfType(this) ? this : null;
        set => (_set ??= [])[key] = value!;
    }

    /// <summary>Whether the web server has ended its side of the connection.</summary>
    protected abstract bool PeerHasFinished { get; }

    /// <summary>Called when it does.</summary>
    protected abstract Action? PeerFinished { get; set; }

    void IHttpRequestLifetimeFeature.Abort() => Break();

    void IConnectionLifetimeFeature.Abort() => Break();

    void IConnectionLifetimeNotificationFeature.RequestClose() =>
        _connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();

    TFeature? IFeatureCollection.Get<TFeature>()
        where TFeature : default =>
        _set is not null && _set.TryGetValue(typeof(TFeature), out object? feature) ? (TFeature?)feature : this is TFeature own ? own : default;

    void IFeatureCollection.Set<TFeature>(TFeature? instance)
        where TFeature : default => (_set ??= [])[typeof(TFeature)] = instance!;

    IEnumerator<KeyValuePair<Type, object>> IEnumerable<KeyValuePair<Type, object>>.GetEnumerator() => (_set ?? []).GetEnumerator();

    System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => (_set ?? []).GetEnumerator();

    /// <summary>Breaks the response off, so that nobody takes the part that is out for the whole. Any thread.</summary>
    internal void Break()
    {
        if (!IsBroken)
        {
            IsBroken = true;
            BreakOff();
            Cancel();
        }
    }

    /// <summary>The request is over, however it ended.</summary>
    internal void End()
    {
        _connectionClosed.Dispose();
        _aborted.Dispose();
        Release();
    }

    /// <summary>Nobody waits for the response any more. Any thread.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "What is registered is the application's.")]
    protected void Cancel()
    {
        try
        {
            _aborted.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It is over.
        }
    }

    /// <summary>Has the web server see that the response is not whole.</summary>
    protected abstract void BreakOff();

    /// <summary>Gives back what the exchange has of the connection.</summary>
    protected abstract void Release();
}
