using Darter.Transport;

namespace Darter.Server.Hub;

/// <summary>All connections that are held here: one timer for what is to happen after a time, and their end. On the loop.</summary>
internal sealed class HeldConnections : ILoopWork
{
    // Times of instructions are whole seconds.
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(0.5);

    private readonly List<HeldConnection> _held = [];
    private readonly MessageHub _hub;
    private readonly LoopTimer _timer;
    private readonly TaskCompletionSource _none = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal HeldConnections(MessageHub hub, EventLoop loop)
    {
        _hub = hub;
        _timer = loop.CreateTimer(this);
    }

    /// <summary>What is to be given back of those that the HTTP server does not have any more.</summary>
    internal DetachedMemory Memory { get; } = new(DetachedMemory.Collect);

    /// <summary>Whether the server is going away: what is held now is ended at once.</summary>
    internal bool IsGoingAway { get; private set; }

    internal void Add(HeldConnection held)
    {
        held.Index = _held.Count;
        _held.Add(held);
        if (!_timer.IsSet)
        {
            _timer.Set(Period);
        }
    }

    internal void Remove(HeldConnection held)
    {
        HeldConnection last = _held[^1];
        _held[held.Index] = last;
        last.Index = held.Index;
        _held.RemoveAt(_held.Count - 1);
        TellIfNone();
    }

    /// <summary>Ends when none is left after <see cref="GoAway"/>. Any thread.</summary>
    internal Task WhenNone => _none.Task;

    /// <summary>Ends all, and those that come, in order: each gets what waits for it, and the end of its response.</summary>
    internal void GoAway()
    {
        IsGoingAway = true;
        for (int i = _held.Count - 1; i >= 0; i--)
        {
            _held[i].GoAway();
        }

        TellIfNone();
    }

    /// <inheritdoc/>
    void ILoopWork.Run()
    {
        _hub.ForgetExpired();
        Memory.OnTime();
        long now = Environment.TickCount64;
        for (int i = _held.Count - 1; i >= 0; i--)
        {
            _held[i].OnTime(now);
        }

        if (_held.Count > 0)
        {
            _timer.Set(Period);
        }
    }

    private void TellIfNone()
    {
        if (IsGoingAway && _held.Count == 0)
        {
            _none.TrySetResult();
        }
    }
}
