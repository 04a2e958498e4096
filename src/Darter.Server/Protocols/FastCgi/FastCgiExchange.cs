using System.IO.Pipelines;
using Darter.Transport;
using Microsoft.AspNetCore.Connections;

namespace Darter.Server.Protocols.FastCgi;

/// <summary>A request over FastCGI: its body comes out of a pipe that the connection fills, its response leaves in records.</summary>
internal sealed class FastCgiExchange : Exchange
{
    private readonly FastCgiOutput _output;
    private readonly RecordWriter _records;
    private readonly IPeerFinishedFeature? _peer;
    private readonly PipeReader? _body;
    private readonly ushort _id;

    /// <param name="connection">The connection.</param>
    /// <param name="request">The request.</param>
    /// <param name="id">Its id.</param>
    /// <param name="body">Where its body comes from; null: it has none.</param>
    /// <param name="output">Where its records go.</param>
    internal FastCgiExchange(ConnectionContext connection, CgiRequest request, ushort id, PipeReader? body, FastCgiOutput output)
        : base(connection, request)
    {
        _id = id;
        _body = body;
        _output = output;
        _records = new RecordWriter(output, id);
        _peer = connection.Features.Get<IPeerFinishedFeature>();
        Body = body is null ? new BodyReader(PipeReader.Create(default), 0) : new BodyReader(body, request.ContentLength);
    }

    /// <summary>Whether the web server wants no answer any more.</summary>
    internal bool IsAborted { get; private set; }

    /// <summary>Whether all of the response was written.</summary>
    internal bool IsFinished { get; private set; }

    /// <summary>Whether the connection is to end with it, as far as the application is concerned.</summary>
    internal bool EndsConnection => ClosesConnection;

    /// <inheritdoc/>
    protected internal override PipeWriter Output => _records;

    /// <inheritdoc/>
    protected override BodyReader Body { get; }

    /// <inheritdoc/>
    protected override ResponseHeadForm HeadForm => ResponseHeadForm.StatusField;

    /// <inheritdoc/>
    protected override bool PeerHasFinished => _peer?.PeerHasFinished == true;

    /// <inheritdoc/>
    protected override Action? PeerFinished { get; set; }

    /// <summary>Gives up a body that comes too slowly.</summary>
    internal void CheckRate() => Body.CheckRate();

    /// <summary>The web server has ended its side of the connection. On the loop.</summary>
    internal void OnPeerFinished() => PeerFinished?.Invoke();

    /// <summary>FCGI_ABORT_REQUEST.</summary>
    internal void Abort()
    {
        IsAborted = true;
        Cancel();
    }

    /// <inheritdoc/>
    /// <remarks>No FCGI_END_REQUEST will come; the connection ends when no other request needs it.</remarks>
    protected override void BreakOff()
    {
    }

    /// <inheritdoc/>
    protected override async ValueTask FinishAsync()
    {
        IsFinished = true;
        _records.WriteRecords();
        _output.WriteEnd(_id, ProtocolStatus.RequestComplete, HasStarted);
        await _output.FlushAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override void Release()
    {
        PeerFinished = null;
        _records.Complete();
        _body?.Complete();
    }
}
