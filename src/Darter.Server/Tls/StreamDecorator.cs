using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Tls;

/// <summary>A stream of a connection of HTTP/3 with another pipe for one of its directions.</summary>
internal abstract class StreamDecorator : ConnectionContext, IDuplexPipe
{
    // As much as the transport holds itself.
    private const int MostBuffered = 64 * 1024;

    /// <param name="stream">The transport's.</param>
    private protected StreamDecorator(ConnectionContext stream)
    {
        Inner = stream;
        Pipe = new Pipe(new PipeOptions(
            pool: null,
            readerScheduler: PipeScheduler.ThreadPool,
            writerScheduler: PipeScheduler.ThreadPool,
            pauseWriterThreshold: MostBuffered,
            resumeWriterThreshold: MostBuffered / 2,
            useSynchronizationContext: false));
    }

    /// <inheritdoc/>
    public abstract PipeReader Input { get; }

    /// <inheritdoc/>
    public abstract PipeWriter Output { get; }

    /// <inheritdoc/>
    public override IDuplexPipe Transport
    {
        get => this;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override string ConnectionId
    {
        get => Inner.ConnectionId;
        set => Inner.ConnectionId = value;
    }

    /// <inheritdoc/>
    public override IFeatureCollection Features => Inner.Features;

    /// <inheritdoc/>
    public override IDictionary<object, object?> Items
    {
        get => Inner.Items;
        set => Inner.Items = value;
    }

    /// <inheritdoc/>
    public override CancellationToken ConnectionClosed
    {
        get => Inner.ConnectionClosed;
        set => Inner.ConnectionClosed = value;
    }

    /// <inheritdoc/>
    public override EndPoint? LocalEndPoint
    {
        get => Inner.LocalEndPoint;
        set => Inner.LocalEndPoint = value;
    }

    /// <inheritdoc/>
    public override EndPoint? RemoteEndPoint
    {
        get => Inner.RemoteEndPoint;
        set => Inner.RemoteEndPoint = value;
    }

    /// <summary>The transport's stream.</summary>
    private protected ConnectionContext Inner { get; }

    /// <summary>The pipe in between; both ends of it are run by the thread pool.</summary>
    private protected Pipe Pipe { get; }

    /// <inheritdoc/>
    public override void Abort() => Inner.Abort();

    /// <inheritdoc/>
    public override void Abort(ConnectionAbortedException abortReason) => Inner.Abort(abortReason);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await Inner.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }
}
