using Darter.Server.WebSockets.Events;
using Darter.Transport;
using Darter.Wire;

namespace Darter.Server.Applications;

/// <summary>A message that is sent to a client a while later, or when the next one is set. On the pool's loop.</summary>
internal sealed class DelayedMessage : ILoopWork
{
    private readonly LoopTimer _timer;
    private readonly Action<MessageKind, byte[]> _send;
    private SocketControl? _control;

    internal DelayedMessage(EventLoop loop, Action<MessageKind, byte[]> send)
    {
        _send = send;
        _timer = loop.CreateTimer(this);
    }

    /// <summary>Sets the message, after sending the one before.</summary>
    internal void Set(SocketControl control)
    {
        Flush();
        _control = control;
        _timer.Set(TimeSpan.FromSeconds(Math.Max(1, control.Timeout)));
    }

    /// <summary>Sends it now.</summary>
    internal void Flush()
    {
        if (_control is { } control)
        {
            Cancel();
            _send(control.Kind, control.Content ?? []);
        }
    }

    /// <summary>It is not sent.</summary>
    internal void Cancel()
    {
        _control = null;
        _timer.Cancel();
    }

    /// <inheritdoc/>
    void ILoopWork.Run() => Flush();
}
