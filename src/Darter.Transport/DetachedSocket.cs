using System.ComponentModel;
using Darter.Transport.Native;

namespace Darter.Transport;

/// <summary>
/// A socket that was taken from its connection, see <see cref="IDetachFeature"/>. It only sends: a peer that sends something,
/// too, is not read. Without anything to send it is this object and no buffer. All on its loop.
/// </summary>
public sealed class DetachedSocket : IReadinessHandler, ILoopWork
{
    // For a peer that takes nothing of what is left when the socket is to be closed.
    private static readonly TimeSpan s_closeLimit = TimeSpan.FromSeconds(60);

    private readonly EventLoop _loop;
    private readonly IDetachedSocketOwner _owner;
    private int _descriptor;
    private bool _hasUnread;
    private byte[]? _rest;
    private int _restSent;
    private LoopTimer? _closing;

    private DetachedSocket(EventLoop loop, int descriptor, IDetachedSocketOwner owner)
    {
        _loop = loop;
        _descriptor = descriptor;
        _owner = owner;
    }

    /// <summary>Whether something waits for room in the socket.</summary>
    public bool IsSending => _rest is not null;

    /// <summary>Takes over a socket that is not watched any more.</summary>
    /// <exception cref="Win32Exception">The kernel does not watch it.</exception>
    internal static DetachedSocket TakeOver(EventLoop loop, int descriptor, IDetachedSocketOwner owner)
    {
        DetachedSocket socket = new(loop, descriptor, owner);
        loop.WatchInput(descriptor, socket);
        return socket;
    }

    /// <summary>
    /// Sends what the socket takes, and keeps a copy of the rest, which follows when there is room:
    /// <see cref="IDetachedSocketOwner.OnSent"/> tells of it.
    /// </summary>
    /// <param name="bytes">The bytes; nothing may be sent while <see cref="IsSending"/>.</param>
    /// <returns>False: the peer is gone.</returns>
    public bool Send(ReadOnlySpan<byte> bytes)
    {
        if (IsSending)
        {
            throw new InvalidOperationException("Something waits to be sent.");
        }

        if (_descriptor < 0)
        {
            return false;
        }

        int sent = StreamSocket.Send(_descriptor, bytes);
        if (sent < 0 && sent != StreamSocket.WouldBlock)
        {
            return false;
        }

        sent = Math.Max(sent, 0);
        if (sent < bytes.Length)
        {
            _rest = bytes[sent..].ToArray();
            _restSent = 0;
            _loop.WatchRoom(_descriptor, wanted: true);
        }

        return true;
    }

    /// <summary>Closes the socket, once what waits has been sent. The owner is told nothing more.</summary>
    public void Close()
    {
        if (_descriptor < 0 || _closing is not null)
        {
            return;
        }

        if (!IsSending)
        {
            CloseNow();
            return;
        }

        _closing = _loop.CreateTimer(this);
        _closing.Set(s_closeLimit);
    }

    /// <summary>Ends the connection at once: the peer sees a reset. The owner is told nothing more.</summary>
    public void Abort()
    {
        if (_descriptor >= 0)
        {
            StreamSocket.Reset(_descriptor);
            _hasUnread = false;
            CloseNow();
        }
    }

    /// <inheritdoc/>
    void IReadinessHandler.OnReady(Readiness readiness)
    {
        if ((readiness & (Readiness.Closed | Readiness.HungUp)) != 0)
        {
            if (_closing is null)
            {
                _owner.OnPeerGone();
            }
            else
            {
                CloseNow();
            }

            return;
        }

        _hasUnread |= (readiness & Readiness.Readable) != 0;
        if ((readiness & Readiness.Writable) != 0 && IsSending)
        {
            SendRest();
        }
    }

    /// <summary>The time for the rest is up.</summary>
    void ILoopWork.Run() => Abort();

    private void SendRest()
    {
        int sent = StreamSocket.Send(_descriptor, _rest.AsSpan(_restSent));
        if (sent == StreamSocket.WouldBlock)
        {
            return;
        }

        _restSent += Math.Max(sent, 0);
        if (sent >= 0 && _restSent < _rest!.Length)
        {
            // Edge-triggered: the kernel reports room again, since the socket is full now.
            return;
        }

        _rest = null;
        _loop.WatchRoom(_descriptor, wanted: false);
        if (_closing is not null)
        {
            CloseNow();
        }
        else if (sent < 0)
        {
            _owner.OnPeerGone();
        }
        else
        {
            _owner.OnSent();
        }
    }

    private void CloseNow()
    {
        int descriptor = _descriptor;
        _descriptor = -1;
        _rest = null;
        _closing?.Cancel();
        _loop.Unwatch(descriptor);
        if (_hasUnread)
        {
            LingeringSocket.Close(_loop, descriptor);
        }
        else
        {
            StreamSocket.Close(descriptor);
        }
    }
}
