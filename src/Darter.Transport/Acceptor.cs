using System.ComponentModel;
using System.Net;
using Darter.Transport.Native;
using static Darter.Transport.Native.LibcConstants;

namespace Darter.Transport;

/// <summary>One loop's part of a listener. Everything but <see cref="Start"/> and <see cref="Stop"/> runs on its thread.</summary>
internal sealed class Acceptor : IReadinessHandler
{
    /// <summary>Connections accepted before the loop's other work gets its turn; the kernel reports the rest again.</summary>
    private const int MostAtOnce = 64;

    /// <summary>How long to leave new connections to the kernel's queue when the process has no descriptor for them.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly EpollListener _listener;
    private readonly EventLoop _loop;
    private readonly int _descriptor;
    private readonly LoopTimer _resumeTimer;
    private bool _stopped;
    private bool _isLast;

    internal Acceptor(EpollListener listener, EventLoop loop, int descriptor)
    {
        _listener = listener;
        _loop = loop;
        _descriptor = descriptor;
        _resumeTimer = loop.CreateTimer(new Resumption(this));
    }

    /// <summary>Starts accepting. Any thread.</summary>
    internal void Start() =>
        // Level-triggered, so that it can stop early; exclusive, so that a connection wakes one loop and not all.
        _loop.Watch(_descriptor, this, EPOLLIN | EPOLLEXCLUSIVE);

    /// <summary>Stops accepting and then tells the listener. Any thread.</summary>
    internal void Stop()
    {
        if (!_loop.TryPost(new Stopping(this)))
        {
            _listener.OnStopped();
        }
    }

    /// <summary>Accepts what waits now, and then no more. Any thread.</summary>
    internal void AcceptLast() => _loop.TryPost(new Last(this));

    /// <inheritdoc/>
    public void OnReady(Readiness readiness) => Accept(MostAtOnce);

    private void Accept(int most)
    {
        for (int i = 0; i < most && !_stopped; i++)
        {
            int descriptor = ListeningSocket.Accept(_descriptor, out EndPoint? remote);
            if (descriptor >= 0)
            {
                _listener.OnAccepted(new EpollConnection(_listener, _loop, descriptor, remote));
                continue;
            }

            switch (-descriptor)
            {
                case EAGAIN:
                    return;
                case EMFILE or ENFILE or ENOBUFS or ENOMEM:
                    Pause(-descriptor);
                    return;
                default:
                    // The connection failed before it was accepted (accept(2) lists the network errors to expect).
                    break;
            }
        }
    }

    private void Pause(int errno)
    {
        if (_isLast)
        {
            return;
        }

        _listener.OnAcceptFailed(errno);
        _loop.Unwatch(_descriptor);
        _resumeTimer.Set(s_pause);
    }

    private void Resume()
    {
        try
        {
            Start();
        }
        catch (Win32Exception exception)
        {
            _listener.OnAcceptFailed(exception.NativeErrorCode);
            _resumeTimer.Set(s_pause);
        }
    }

    private sealed class Resumption(Acceptor acceptor) : ILoopWork
    {
        public void Run() => acceptor.Resume();
    }

    private sealed class Last(Acceptor acceptor) : ILoopWork
    {
        public void Run()
        {
            acceptor._isLast = true;
            acceptor._resumeTimer.Cancel();
            acceptor._loop.Unwatch(acceptor._descriptor);

            // At most what was waiting: new connections are the other process's.
            acceptor.Accept(acceptor._listener.Options.Backlog + 1);
        }
    }

    private sealed class Stopping(Acceptor acceptor) : ILoopWork
    {
        public void Run()
        {
            acceptor._stopped = true;
            acceptor._resumeTimer.Cancel();
            acceptor._loop.Unwatch(acceptor._descriptor);
            acceptor._listener.OnStopped();
        }
    }
}
