using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Tls;

/// <summary>A connection of HTTP/3 as the HTTP server is to see it: with streams that cannot make its threads wait for each other.</summary>
/// <remarks>
/// <para>
/// The server has, for each request, one lock around the end of its stream and within it one around the output. Two ways lead to the
/// outer one from within the inner one, and each stands still when another thread breaks the stream off at that moment, as when a
/// client leaves. One is the output itself: the transport sends on the thread that flushes, and tells of the stream's end there;
/// also, a flush of fields alone that says that nobody reads breaks off. <see cref="DecoupledStream"/> closes that way. The other
/// is a field section that cannot be encoded, which <see cref="SettingsFilter"/> and <see cref="ResponseFields"/> prevent.
/// One of the two threads may be an event loop, which writes the responses, and with it the whole front would stand still.
/// </para>
/// <para>
/// The stream that the server opens itself, for its settings, is left as it is: it is written to under no lock of the server's.
/// </para>
/// </remarks>
/// <param name="connection">The transport's.</param>
internal sealed class DecoupledConnection(MultiplexedConnectionContext connection) : MultiplexedConnectionContext
{
    /// <inheritdoc/>
    public override string ConnectionId
    {
        get => connection.ConnectionId;
        set => connection.ConnectionId = value;
    }

    /// <inheritdoc/>
    public override IFeatureCollection Features => connection.Features;

    /// <inheritdoc/>
    public override IDictionary<object, object?> Items
    {
        get => connection.Items;
        set => connection.Items = value;
    }

    /// <inheritdoc/>
    public override CancellationToken ConnectionClosed
    {
        get => connection.ConnectionClosed;
        set => connection.ConnectionClosed = value;
    }

    /// <inheritdoc/>
    public override EndPoint? LocalEndPoint
    {
        get => connection.LocalEndPoint;
        set => connection.LocalEndPoint = value;
    }

    /// <inheritdoc/>
    public override EndPoint? RemoteEndPoint
    {
        get => connection.RemoteEndPoint;
        set => connection.RemoteEndPoint = value;
    }

    /// <inheritdoc/>
    public override async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        ConnectionContext? stream = await connection.AcceptAsync(cancellationToken).ConfigureAwait(false);
        return stream is null ? null
            : stream.Features.GetRequiredFeature<IStreamDirectionFeature>().CanWrite ? DecoupledStream.Of(stream)
            : new FilteredStream(stream);
    }

    /// <inheritdoc/>
    public override ValueTask<ConnectionContext> ConnectAsync(IFeatureCollection? features = null, CancellationToken cancellationToken = default) =>
        connection.ConnectAsync(features, cancellationToken);

    /// <inheritdoc/>
    public override void Abort() => connection.Abort();

    /// <inheritdoc/>
    public override void Abort(ConnectionAbortedException abortReason) => connection.Abort(abortReason);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await connection.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }
}
