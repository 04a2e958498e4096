using Darter.Server.WebSockets;
using Darter.Wire;
using Darter.Workers;
using Microsoft.Win32.SafeHandles;

namespace Darter.Server.Applications;

/// <summary>
/// An accepted WebSocket between its client and its worker. It takes the place of the request in the channel. All on the
/// pool's loop.
/// </summary>
internal sealed class WebSocketStream : WorkerStream, IWebSocketEnd
{
    private const int GrantStep = 64 * 1024;

    private readonly PythonApplication _application;
    private readonly string _target;
    private int _takenCharge;
    private bool _workerKnows;
    private bool _passesPings;
    private bool _passesPongs;

    /// <param name="application">The application it is for.</param>
    /// <param name="http">The request that asked for it.</param>
    /// <param name="target">The request's target, for the log.</param>
    /// <param name="deflate">What was agreed on about compression.</param>
    internal WebSocketStream(PythonApplication application, HttpStream http, string target, DeflateAgreement? deflate)
    {
        _application = application;
        _target = target;
        Connection = new WebSocketConnection(application, http, deflate, this);
    }

    /// <summary>The client's side.</summary>
    internal WebSocketConnection Connection { get; }

    /// <inheritdoc/>
    int IWebSocketEnd.Room
    {
        get
        {
            if (_workerKnows)
            {
                return ChannelFormat.MaxBodyChunk;
            }

            return RequestWindow < LeastCharge ? 0 : Math.Min(RequestWindow, ChannelFormat.MaxBodyChunk);
        }
    }

    /// <inheritdoc/>
    protected override bool CanSendAgain => false;

    /// <inheritdoc/>
    protected override bool IsSendingBody => false;

    /// <inheritdoc/>
    protected override bool IsUpgraded => true;

    private int LeastCharge => _application.LeastMessageCharge;

    /// <inheritdoc/>
    void IWebSocketEnd.OnPiece(MessageKind kind, ReadOnlySpan<byte> bytes, bool last)
    {
        if (!_workerKnows)
        {
            SendMessage(kind, bytes, last, Math.Max(bytes.Length, LeastCharge));
        }
    }

    /// <inheritdoc/>
    void IWebSocketEnd.OnPing(ReadOnlySpan<byte> bytes)
    {
        if (_passesPings && !_workerKnows)
        {
            SendMessage(MessageKind.Ping, bytes, end: true, Math.Max(bytes.Length, LeastCharge));
        }
    }

    /// <inheritdoc/>
    void IWebSocketEnd.OnPong(ReadOnlySpan<byte> bytes)
    {
        if (_passesPongs && !_workerKnows)
        {
            SendMessage(MessageKind.Pong, bytes, end: true, Math.Max(bytes.Length, LeastCharge));
        }
    }

    /// <summary>Tells the worker, once, that the WebSocket is closed, unless it closed it itself.</summary>
    void IWebSocketEnd.OnClosed(ushort code, ReadOnlySpan<byte> reason)
    {
        if (!_workerKnows)
        {
            _workerKnows = true;
            if (IsSent)
            {
                SendClose(code, reason);
            }
        }
    }

    /// <inheritdoc/>
    void IWebSocketEnd.OnTaken(int charge)
    {
        _takenCharge += charge;
        if (_takenCharge >= GrantStep)
        {
            GrantResponse(_takenCharge);
            _takenCharge = 0;
        }
    }

    /// <inheritdoc/>
    void IWebSocketEnd.OnEnded()
    {
        // The worker ends the stream.
    }

    /// <inheritdoc/>
    protected override void SendAvailableBody()
    {
        if (RequestWindow >= LeastCharge)
        {
            Connection.Resume();
        }
    }

    /// <inheritdoc/>
    protected override void OnMessage(MessageKind kind, ReadOnlySpan<byte> bytes, bool end)
    {
        if (kind == MessageKind.WatchPings)
        {
            _passesPings = true;
            return;
        }

        // From a ping on the application wants to hear of pongs, whatever ping they answer.
        _passesPongs |= kind == MessageKind.Ping;
        Connection.Send(kind, bytes, end);
    }

    /// <inheritdoc/>
    protected override void OnWorkerLeaving() =>
        Connection.CloseByServer(_application.WebSockets.IsGoingAway ? CloseCode.GoingAway : CloseCode.ServiceRestart);

    /// <inheritdoc/>
    protected override void OnClose(ushort code, ReadOnlySpan<byte> reason)
    {
        _workerKnows = true;
        Connection.Close(CloseCode.IsAllowed(code) ? code : CloseCode.Normal, reason);
    }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        _workerKnows = true;
        Connection.Close(CloseCode.Normal, default);
    }

    /// <inheritdoc/>
    protected override void OnFailed(StreamFailure failure, string message)
    {
        if (failure == StreamFailure.ApplicationError)
        {
            // That a worker died is said once, and not for each of its WebSockets.
            PythonApplication.Log.WebSocketFailed(_application.Logger, _target, $"the application raised an exception: {message}");
        }

        _workerKnows = true;
        Connection.Close(CloseCode.InternalError, default);
    }

    /// <inheritdoc/>
    protected override void OnBroken(Exception exception)
    {
        PythonApplication.Log.WebSocketBroken(_application.Logger, _target, exception.Message);
        Connection.OnConnectionGone();
    }

    /// <inheritdoc/>
    protected override void WriteRequest(FrameWriter writer, uint stream, ushort slot) =>
        throw new InvalidOperationException("A WebSocket is no request.");

    /// <inheritdoc/>
    protected override void OnResponse(scoped in ResponseHead head, bool end)
    {
    }

    /// <inheritdoc/>
    protected override void OnInformational(scoped in ResponseHead head)
    {
    }

    /// <inheritdoc/>
    protected override void OnBody(ReadOnlySpan<byte> bytes)
    {
    }

    /// <inheritdoc/>
    protected override void OnFile(SafeFileHandle file, long offset, long length) => file.Dispose();
}
