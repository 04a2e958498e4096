using Darter.Server.WebSockets.Events;
using Darter.Transport;
using Darter.Wire;

namespace Darter.Server.Applications;

/// <summary>A message that the front sends to a client by itself, regularly or when nothing else was sent for a while. On the pool's loop.</summary>
internal sealed class ClientKeepAlive : ILoopWork
{
    // Pushpin's; many a proxy cuts connections off that are silent for a minute.
    private const int DefaultSeconds = 55;

    private readonly LoopTimer _timer;
    private readonly Action<MessageKind, byte[]> _send;
    private readonly SocketControl _control;
    private readonly long _milliseconds;
    private long _lastSent;

    internal ClientKeepAlive(EventLoop loop, SocketControl control, Action<MessageKind, byte[]> send)
    {
        _control = control;
        _send = send;
        _milliseconds = 1000L * (control.Timeout > 0 ? control.Timeout : DefaultSeconds);
        _lastSent = Environment.TickCount64;
        _timer = loop.CreateTimer(this);
        _timer.Set(TimeSpan.FromMilliseconds(_milliseconds));
    }

    /// <summary>Something was sent.</summary>
    internal void OnSent() => _lastSent = Environment.TickCount64;

    /// <summary>It is not sent any more.</summary>
    internal void Stop() => _timer.Cancel();

    /// <inheritdoc/>
    void ILoopWork.Run()
    {
        long left = _control.IsInterval ? 0 : _lastSent + _milliseconds - Environment.TickCount64;
        if (left > 0)
        {
            _timer.Set(TimeSpan.FromMilliseconds(left));
            return;
        }

        _timer.Set(TimeSpan.FromMilliseconds(_milliseconds));
        _send(_control.Kind, _control.Content!);
    }
}
