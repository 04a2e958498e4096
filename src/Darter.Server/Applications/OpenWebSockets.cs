using Darter.Server.Configuration;
using Darter.Server.WebSockets;
using Darter.Transport;

namespace Darter.Server.Applications;

/// <summary>
/// All WebSockets of an application: closes them when the server goes away, and looks after their pings with one timer.
/// On the pool's loop.
/// </summary>
internal sealed class OpenWebSockets : ILoopWork
{
    private static readonly TimeSpan LongestPeriod = TimeSpan.FromSeconds(1);

    private readonly List<WebSocketConnection> _open = [];
    private readonly LoopTimer _timer;
    private readonly TimeSpan _period;
    private readonly long _pingInterval;
    private readonly long _pingTimeout;

    internal OpenWebSockets(WebSocketConfig config, EventLoop loop)
    {
        _timer = loop.CreateTimer(this);
        _pingInterval = (long)config.PingInterval.TotalMilliseconds;
        _pingTimeout = (long)config.PingTimeout.TotalMilliseconds;

        // A fraction of the interval, so that pings of many do not leave at once.
        TimeSpan shortest = _pingTimeout > 0 && config.PingTimeout < config.PingInterval ? config.PingTimeout : config.PingInterval;
        _period = shortest / 20 < LongestPeriod ? shortest / 20 : LongestPeriod;
    }

    /// <summary>Whether the server is going away: what is opened now is closed at once.</summary>
    internal bool IsGoingAway { get; private set; }

    internal int Count => _open.Count;

    internal void Add(WebSocketConnection webSocket)
    {
        webSocket.Index = _open.Count;
        _open.Add(webSocket);
        if (_pingInterval > 0 && !_timer.IsSet)
        {
            _timer.Set(_period);
        }
    }

    internal void Remove(WebSocketConnection webSocket)
    {
        WebSocketConnection last = _open[^1];
        _open[webSocket.Index] = last;
        last.Index = webSocket.Index;
        _open.RemoveAt(_open.Count - 1);
    }

    /// <summary>Closes all, and those that come, with 1001.</summary>
    internal void GoAway()
    {
        IsGoingAway = true;
        for (int i = _open.Count - 1; i >= 0; i--)
        {
            _open[i].CloseByServer(CloseCode.GoingAway);
        }
    }

    /// <summary>Looks after the pings.</summary>
    void ILoopWork.Run()
    {
        long now = Environment.TickCount64;
        for (int i = _open.Count - 1; i >= 0; i--)
        {
            _open[i].KeepAlive(now, _pingInterval, _pingTimeout);
        }

        if (_open.Count > 0)
        {
            _timer.Set(_period);
        }
    }
}
