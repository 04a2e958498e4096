using System.IO.Pipelines;
using Darter.Transport;
using Microsoft.AspNetCore.Connections;

namespace Darter.Server.Protocols;

/// <summary>The request of a connection that has one: its body and its response travel as they are.</summary>
internal sealed class HeadExchange : Exchange
{
    private readonly ConnectionContext _connection;
    private readonly IPeerFinishedFeature? _peer;

    internal HeadExchange(ConnectionContext connection, CgiRequest request, ResponseHeadForm form)
        : base(connection, request)
    {
        _connection = connection;
        _peer = connection.Features.Get<IPeerFinishedFeature>();
        HeadForm = form;

        // A body has a length here; without one there is none.
        Body = new BodyReader(connection.Transport.Input, request.ContentLength ?? 0);
    }

    /// <inheritdoc/>
    protected override BodyReader Body { get; }

    /// <inheritdoc/>
    protected override ResponseHeadForm HeadForm { get; }

    /// <inheritdoc/>
    protected internal override PipeWriter Output => _connection.Transport.Output;

    /// <inheritdoc/>
    protected override bool PeerHasFinished => _peer?.PeerHasFinished == true;

    /// <inheritdoc/>
    protected override Action? PeerFinished
    {
        get => _peer?.PeerFinished;
        set
        {
            if (_peer is not null)
            {
                _peer.PeerFinished = value;
            }
        }
    }

    /// <summary>Gives up a body that comes too slowly.</summary>
    internal void CheckRate() => Body.CheckRate();

    /// <inheritdoc/>
    /// <remarks>A reset: the end of the connection would be the end of the response.</remarks>
    protected override void BreakOff() => _connection.Abort();

    /// <inheritdoc/>
    protected override async ValueTask FinishAsync() => await Output.FlushAsync().ConfigureAwait(false);

    /// <inheritdoc/>
    protected override void Release() => PeerFinished = null;
}
