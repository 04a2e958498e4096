using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net;
using Darter.Transport.Native;
using Microsoft.AspNetCore.Connections;

namespace Darter.Transport;

/// <summary>
/// An accepted connection. It belongs to one loop: reads, the end of waiting flushes and the closing of the descriptor
/// happen on the loop's thread. Flushes, <see cref="Abort(ConnectionAbortedException)"/> and <see cref="DisposeAsync"/>
/// may come from any thread.
/// </summary>
internal sealed partial class EpollConnection : ConnectionContext, IDuplexPipe, IReadinessHandler, ILoopWork
{
    private readonly EpollListener _listener;
    private readonly SocketInput _input;
    private readonly SocketOutput _output;
    private bool _armed;
    private volatile bool _closing;
    private TaskCompletionSource? _closed;
    private int _disposed;

    /// <param name="listener">Where the connection was accepted.</param>
    /// <param name="loop">The loop that accepted it.</param>
    /// <param name="descriptor">The socket, non-blocking; the connection closes it.</param>
    /// <param name="remoteEndPoint">The peer's address.</param>
    internal EpollConnection(EpollListener listener, EventLoop loop, int descriptor, EndPoint? remoteEndPoint)
    {
        _listener = listener;
        Loop = loop;
        Descriptor = descriptor;
        _remoteEndPoint = remoteEndPoint;
        CopiesFiles = listener.Options.CopiesFilesToLocalPeers && (remoteEndPoint is not IPEndPoint peer || IPAddress.IsLoopback(peer.Address));
        _input = new SocketInput(this, listener.Options.MaxReadBufferSize);
        _output = new SocketOutput(this, listener.Options.MaxWriteBufferSize);
        _features = new ConnectionFeatures(this);
        _transport = this;
    }

    /// <inheritdoc/>
    public EventLoop Loop { get; }

    PipeReader IDuplexPipe.Input => _input;

    PipeWriter IDuplexPipe.Output => _output;

    /// <summary>The socket; negative once it is closed. It is closed under <see cref="Gate"/> on the loop's thread, so
    /// that it can be used under the lock on any thread and without it on the loop's.</summary>
    internal int Descriptor { get; private set; }

    /// <summary>Whether files are copied, see <see cref="EpollTransportOptions.CopiesFilesToLocalPeers"/>.</summary>
    internal bool CopiesFiles { get; }

    /// <summary>Guards the output and the socket's life.</summary>
    internal Lock Gate { get; } = new();

    /// <summary>Starts getting the socket's events, when a read or a send waits for the first time: earlier, the first read
    /// could complete where it was started, on a pool thread. Any thread.</summary>
    internal void Arm()
    {
        if (_armed)
        {
            return;
        }

        lock (Gate)
        {
            if (_armed || Descriptor < 0)
            {
                return;
            }

            _armed = true;
            try
            {
                Loop.Watch(Descriptor, this);
            }
            catch (Win32Exception exception)
            {
                _input.Fail(new ConnectionAbortedException("The socket's events cannot be watched.", exception));
            }
        }
    }

    /// <summary>Adds a receive to those that are done together. The loop's thread.</summary>
    /// <returns>False when none is waited for.</returns>
    internal bool TryReceiveAhead(IoUring ring) => Descriptor >= 0 && _input.TryBeginAhead(ring);

    /// <summary>Takes note of what was received.</summary>
    /// <param name="received">The operation's result.</param>
    internal void EndReceiveAhead(int received) => _input.EndAhead(received);

    /// <inheritdoc/>
    public void OnReady(Readiness readiness)
    {
        if ((readiness & Readiness.Writable) != 0 && _output.WantsRoom)
        {
            _output.OnWritable();
        }

        if ((readiness & (Readiness.Readable | Readiness.Closed)) != 0)
        {
            _input.OnReadable((readiness & Readiness.Closed) != 0);
            if ((readiness & (Readiness.Closed | Readiness.HungUp)) == Readiness.Closed && !PeerHasFinished)
            {
                PeerHasFinished = true;
                PeerFinished?.Invoke();
            }
        }

        // After the input: the requests that came before the end are started before they are told of it.
        if ((readiness & Readiness.HungUp) != 0)
        {
            OnHungUp();
        }
    }

    /// <summary>Everything written was sent. The loop's thread, outside the lock.</summary>
    internal void OnDrained()
    {
        if (_closing)
        {
            FinishClosing();
        }
    }

    /// <inheritdoc/>
    public override void Abort(ConnectionAbortedException? abortReason) =>
        // Kestrel has no reason to give when it learned from the transport that the peer is gone.
        Abort((Exception)(abortReason ?? new ConnectionAbortedException()));

    /// <summary>Ends the connection at once; what was not sent is lost and the peer sees a reset. Any thread.</summary>
    internal void Abort(Exception reason)
    {
        lock (Gate)
        {
            if (Descriptor < 0)
            {
                return;
            }

            _output.SendDeferred();

            // The reason first: a read must not find the reset before it.
            _input.Fail(reason);
            StreamSocket.Reset(Descriptor);
            _output.Close();
        }

        PeerIsGone();
        _output.Recheck();
        Loop.TryPost(this);
    }

    /// <summary>Sends what is left, unless the connection was aborted, and closes the socket.</summary>
    [SuppressMessage("Usage", "CA2215", Justification = "The base class has nothing to dispose.")]
    public override ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return _closed is { } earlier ? new ValueTask(earlier.Task) : default;
        }

        _input.Complete();
        _output.Complete();
        if (Loop.IsCurrent && TryClose())
        {
            return default;
        }

        TaskCompletionSource closed = new();
        _closed = closed;
        _closing = true;
        if (!Loop.TryPost(this))
        {
            // The loop has ended: nobody sends what is left, and nobody else uses the socket.
            Close();
            return default;
        }

        return new ValueTask(closed.Task);
    }

    /// <summary>Looks again at a connection that is closing, after another thread changed something.</summary>
    void ILoopWork.Run()
    {
        if (_closing)
        {
            FinishClosing();
        }
    }

    private void FinishClosing()
    {
        if (TryClose())
        {
            _closing = false;
            _closed!.TrySetResult();
        }
    }

    /// <summary>Closes the socket unless something waits to be sent.</summary>
    private bool TryClose()
    {
        lock (Gate)
        {
            if (!_output.Drain())
            {
                return false;
            }
        }

        Close();
        return true;
    }

    private void Close()
    {
        int descriptor;
        lock (Gate)
        {
            descriptor = Descriptor;
            if (descriptor < 0)
            {
                return;
            }

            Descriptor = -1;
            _output.Close();
            if (_armed)
            {
                Loop.Unwatch(descriptor);
            }
        }

        _input.OnClosed();
        if (_input.HasUnread && Volatile.Read(ref _gone) == 0 && Loop.IsCurrent)
        {
            LingeringSocket.Close(Loop, descriptor);
        }
        else
        {
            StreamSocket.Close(descriptor);
        }

        UserIsGone();
    }

    private void OnHungUp()
    {
        lock (Gate)
        {
            if (Descriptor < 0)
            {
                return;
            }

            _output.Close();
        }

        PeerIsGone();
        _output.Recheck();
        OnDrained();
    }
}
