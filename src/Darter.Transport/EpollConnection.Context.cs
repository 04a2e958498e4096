using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net;
using Darter.Transport.Files;
using Darter.Transport.Native;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Transport;

/// <summary>What Kestrel asks a connection for. The connection is its own features; what costs anything is made when it
/// is first asked for.</summary>
internal sealed partial class EpollConnection :
    IConnectionIdFeature,
    IConnectionTransportFeature,
    IConnectionItemsFeature,
    IConnectionLifetimeFeature,
    IConnectionEndPointFeature,
    IMemoryPoolFeature,
    IEventLoopFeature,
    IPeerFinishedFeature,
    IPeerCredentialsFeature,
    IFileOutputFeature,
    IThreadPoolWorkItem
{
    private readonly ConnectionFeatures _features;
    private IDuplexPipe _transport;
    private string? _connectionId;
    private IDictionary<object, object?>? _items;
    private EndPoint? _localEndPoint;
    private EndPoint? _remoteEndPoint;
    private CancellationTokenSource? _goneSource;
    private CancellationToken? _goneToken;
    private int _gone;

    /// <inheritdoc/>
    [AllowNull]
    public override string ConnectionId
    {
        get => _connectionId ??= ConnectionIdGenerator.Next();
        set => _connectionId = value;
    }

    /// <inheritdoc/>
    public override IFeatureCollection Features => _features;

    /// <inheritdoc/>
    public override IDuplexPipe Transport
    {
        get => _transport;
        set => _transport = value;
    }

    /// <inheritdoc/>
    public override IDictionary<object, object?> Items
    {
        get => _items ??= new ConnectionItems();
        set => _items = value;
    }

    /// <inheritdoc/>
    public override EndPoint? LocalEndPoint
    {
        get => _localEndPoint ??= _listener.AcceptEndPoint ?? ReadLocalEndPoint();
        set => _localEndPoint = value;
    }

    /// <inheritdoc/>
    public override EndPoint? RemoteEndPoint
    {
        get => _remoteEndPoint;
        set => _remoteEndPoint = value;
    }

    /// <inheritdoc/>
    public MemoryPool<byte> MemoryPool => Loop.Blocks;

    /// <inheritdoc/>
    public bool PeerHasFinished { get; private set; }

    /// <inheritdoc/>
    public Action? PeerFinished { get; set; }

    /// <inheritdoc/>
    public PeerCredentials? Peer
    {
        get
        {
            lock (Gate)
            {
                return Descriptor < 0 ? null : StreamSocket.ReadPeer(Descriptor);
            }
        }
    }

    /// <inheritdoc/>
    FileTransfer? IFileOutputFeature.TryWrite(PipeWriter writer, OpenedFile file, long offset, int length) =>
        _output.TryWriteFile(writer, file, offset, length);

    /// <summary>Cancelled, on a pool thread, when nothing can be sent to the peer any more: its connection failed, or ours
    /// was closed or aborted. A peer that has only ended its sending side still waits for its answer.</summary>
    public override CancellationToken ConnectionClosed
    {
        get => _goneToken ?? GetGoneToken();
        set => _goneToken = value;
    }

    /// <summary>Has <see cref="ConnectionClosed"/> cancelled, once. Any thread.</summary>
    internal void PeerIsGone()
    {
        if (BecomesGone())
        {
            // What is registered with it is Kestrel's and the application's and may take its time.
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>
    /// As <see cref="PeerIsGone"/>, once the connection's user has disposed of it: what is still registered then only notes
    /// the end, for which waking a thread of the pool would cost more than it does itself.
    /// </summary>
    private void UserIsGone()
    {
        if (BecomesGone())
        {
            CancelGoneSource();
        }
    }

    /// <summary>True the first time, if somebody asked for <see cref="ConnectionClosed"/>.</summary>
    private bool BecomesGone() => Interlocked.Exchange(ref _gone, 1) == 0 && Volatile.Read(ref _goneSource) is not null;

    void IThreadPoolWorkItem.Execute() => CancelGoneSource();

    private void CancelGoneSource()
    {
        try
        {
            _goneSource!.Cancel();
        }
        catch (Exception exception)
        {
            _listener.LogClosedCallbackFailed(ConnectionId, exception);
        }
    }

    private CancellationToken GetGoneToken()
    {
        CancellationTokenSource source = Volatile.Read(ref _goneSource) ?? CreateGoneSource();
        return source.Token;
    }

    private CancellationTokenSource CreateGoneSource()
    {
        CancellationTokenSource source = new();
        source = Interlocked.CompareExchange(ref _goneSource, source, null) ?? source;
        if (Volatile.Read(ref _gone) != 0)
        {
            source.Cancel();
        }

        return source;
    }

    private EndPoint? ReadLocalEndPoint()
    {
        lock (Gate)
        {
            return Descriptor < 0 ? null : SocketAddressReader.ReadLocal(Descriptor);
        }
    }
}
