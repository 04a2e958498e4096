using Darter.Server.Observability;
using Darter.Server.WebSockets;
using Darter.Transport;

namespace Darter.Server.Applications;

/// <summary>
/// The client's side of an accepted WebSocket, whatever it leads to: frames, compression, pings, and the ways in which it
/// ends. The HTTP request that it came from lasts until it is done. All on the pool's loop, but for the waiting for bytes.
/// </summary>
internal sealed partial class WebSocketConnection
{
    private readonly PythonApplication _application;
    private readonly EventLoop _loop;
    private readonly MessageReader _reader;
    private readonly IWebSocketEnd _end;
    private HttpStream? _http;
    private LoopTimer? _closeTimer;
    private long _writesBeforeWait;
    private bool _closeSent;
    private bool _gone;
    private bool _receiveEnded;

    /// <param name="application">The application it is for.</param>
    /// <param name="http">The request that asked for it.</param>
    /// <param name="deflate">What was agreed on about compression.</param>
    /// <param name="end">What it leads to.</param>
    internal WebSocketConnection(PythonApplication application, HttpStream http, DeflateAgreement? deflate, IWebSocketEnd end)
    {
        _application = application;
        _loop = application.Pool.Loop;
        _http = http;
        _deflate = deflate;
        _end = end;
        _reader = new MessageReader(application.Config.WebSockets.MaxSize, deflate is not null);
        application.WebSockets.Add(this);
    }

    /// <summary>Where <see cref="OpenWebSockets"/> has it.</summary>
    internal int Index { get; set; }

    /// <summary>Whether nothing can be sent any more.</summary>
    internal bool IsClosing => _closeSent || _gone;

    /// <summary>What the client has not taken yet, in bytes.</summary>
    internal int Unsent { get; private set; }

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
        Resume();
        EndIfDone();
    }

    /// <summary>The server closes: it goes away, or the worker is replaced.</summary>
    internal void CloseByServer(ushort code, ReadOnlySpan<byte> reason = default)
    {
        _end.OnClosed(code, reason);
        Close(code, reason);
    }

    /// <summary>Sends our close frame, behind what waits to be sent, and gives the client a while to answer it.</summary>
    internal void Close(ushort code, ReadOnlySpan<byte> reason)
    {
        if (IsClosing)
        {
            return;
        }

        WriteClose(code, reason);
        _closeSent = true;
        _closeTimer = _loop.CreateTimer(new LoopCall(OnCloseTimeout));
        WaitForClose();

        // What the client still sends is read for its close frame only.
        Resume();
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
        _end.OnClosed(CloseCode.Abnormal, default);
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
        _end.OnEnded();
        http.EndWebSocket(_bytesSent, _gone && !_closeSent ? RequestEnd.ClientLeft : RequestEnd.Complete);
    }
}
