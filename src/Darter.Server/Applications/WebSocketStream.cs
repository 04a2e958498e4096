using Darter.Server.Observability;
using Darter.Server.WebSockets;
using Darter.Transport;
using Darter.Wire;
using Darter.Workers;
using Microsoft.Win32.SafeHandles;

namespace Darter.Server.Applications;

/// <summary>
/// An accepted WebSocket between its client and its worker. It takes the place of the request in the channel; the HTTP
/// request it came from lasts until the connection is done. All on the pool's loop, but for the waiting for bytes.
/// </summary>
internal sealed partial class WebSocketStream : WorkerStream
{
    private readonly PythonApplication _application;
    private readonly EventLoop _loop;
    private readonly MessageReader _reader;
    private readonly string _target;
    private HttpStream? _http;
    private LoopTimer? _closeTimer;
    private long _writesBeforeWait;
    private bool _closeSent;
    private bool _workerKnows;
    private bool _gone;
    private bool _receiveEnded;

    /// <param name="application">The application it is for.</param>
    /// <param name="http">The request that asked for it.</param>
    /// <param name="target">The request's target, for the log.</param>
    /// <param name="deflate">What was agreed on about compression.</param>
    internal WebSocketStream(PythonApplication application, HttpStream http, string target, DeflateAgreement? deflate)
    {
        _application = application;
        _loop = application.Pool.Loop;
        _http = http;
        _target = target;
        _deflate = deflate;
        _reader = new MessageReader(application.Config.WebSockets.MaxSize, deflate is not null);
        application.WebSockets.Add(this);
    }

    /// <summary>Where <see cref="OpenWebSockets"/> has it.</summary>
    internal int Index { get; set; }

    /// <inheritdoc/>
    protected override bool CanSendAgain => false;

    /// <inheritdoc/>
    protected override bool IsSendingBody => false;

    /// <inheritdoc/>
    protected override bool IsUpgraded => true;

    /// <summary>The handshake is out: messages may go both ways.</summary>
    internal void Start(Stream stream)
    {
        _stream = stream;
        _lastHeard = Environment.TickCount64;
        if (_gone)
        {
            EndReceiving();
            return;
        }

        Flush();
        _ = ReceiveAsync(stream);
    }

    /// <summary>The handshake could not be sent.</summary>
    internal void OnNotStarted()
    {
        OnConnectionGone();
        EndReceiving();
    }

    /// <summary>The connection is broken, or to be given up.</summary>
    internal void OnConnectionGone()
    {
        if (_gone || _http is null)
        {
            return;
        }

        SetGone();
        _http.Abort();
        ResumeReceiving();
        EndIfDone();
    }

    /// <summary>The server closes: it goes away, or the worker is replaced.</summary>
    internal void CloseByServer(ushort code)
    {
        TellWorker(code, default);
        BeginClose(code, default);
    }

    /// <inheritdoc/>
    protected override void OnWorkerLeaving() =>
        CloseByServer(_application.WebSockets.IsGoingAway ? CloseCode.GoingAway : CloseCode.ServiceRestart);

    /// <inheritdoc/>
    protected override void OnClose(ushort code, ReadOnlySpan<byte> reason)
    {
        _workerKnows = true;
        BeginClose(CloseCode.IsAllowed(code) ? code : CloseCode.Normal, reason);
    }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        _workerKnows = true;
        BeginClose(CloseCode.Normal, default);
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
        BeginClose(CloseCode.InternalError, default);
    }

    /// <inheritdoc/>
    protected override void OnBroken(Exception exception)
    {
        PythonApplication.Log.WebSocketBroken(_application.Logger, _target, exception.Message);
        OnConnectionGone();
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

    /// <summary>Tells the worker, once, that the WebSocket is closed, unless it closed it itself.</summary>
    private void TellWorker(ushort code, ReadOnlySpan<byte> reason)
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

    /// <summary>Sends our close frame, behind what waits to be sent, and gives the client a while to answer it.</summary>
    private void BeginClose(ushort code, ReadOnlySpan<byte> reason)
    {
        if (_closeSent || _gone)
        {
            return;
        }

        WriteClose(code, reason);
        _closeSent = true;
        _closeTimer = _loop.CreateTimer(new LoopCall(OnCloseTimeout));
        WaitForClose();

        // What the client still sends is read for its close frame only.
        ResumeReceiving();
    }

    private void WaitForClose()
    {
        _writesBeforeWait = _writes;
        _closeTimer!.Set(_application.Config.WebSockets.CloseTimeout);
    }

    private void OnCloseTimeout()
    {
        if (_flushing && _writes != _writesBeforeWait)
        {
            // The client still takes what was sent before the close frame.
            WaitForClose();
        }
        else
        {
            OnConnectionGone();
        }
    }

    /// <summary>Nothing can be sent any more, or would be read by anybody.</summary>
    private void SetGone()
    {
        _gone = true;
        TellWorker(CloseCode.Abnormal, default);
        if (_flushing)
        {
            _http?.Abort();
        }
    }

    private void EndReceiving()
    {
        _receiveEnded = true;
        _reader.Dispose();
        EndIfDone();
    }

    /// <summary>Ends the HTTP request once nothing is to be read and all is written.</summary>
    private void EndIfDone()
    {
        if (_http is not { } http || !_receiveEnded || _flushing || (_flushScheduled && !_gone))
        {
            return;
        }

        _http = null;
        _stream = null;
        _closeTimer?.Cancel();
        ReleaseOutgoing();
        _application.WebSockets.Remove(this);
        http.EndWebSocket(_bytesSent, _gone && !_closeSent ? RequestEnd.ClientLeft : RequestEnd.Complete);
    }
}
