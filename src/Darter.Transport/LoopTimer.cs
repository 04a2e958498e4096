using System.Diagnostics;

namespace Darter.Transport;

/// <summary>
/// A one-shot timer of an <see cref="EventLoop"/>, to be used on the loop's thread only. Setting and cancelling are cheap
/// (no system call), so one timer per request is fine. Its work runs on the loop's thread, never earlier than asked.
/// </summary>
public sealed class LoopTimer
{
    private readonly EventLoop _loop;
    private readonly ILoopWork _work;

    internal LoopTimer(EventLoop loop, ILoopWork work)
    {
        _loop = loop;
        _work = work;
    }

    /// <summary>Whether the timer will fire.</summary>
    public bool IsSet => HeapIndex >= 0;

    /// <summary>When the timer fires, in the loop's nanoseconds.</summary>
    internal long Due { get; private set; }

    /// <summary>Where the timer is in the loop's heap; negative while it is not set.</summary>
    internal int HeapIndex { get; set; } = -1;

    internal ILoopWork Work => _work;

    /// <summary>Makes the timer fire once after the delay; a timer that is set already fires at the new time instead.</summary>
    /// <param name="delay">At least zero. Kernels before 5.11 round it up to milliseconds.</param>
    public void Set(TimeSpan delay)
    {
        Debug.Assert(_loop.IsCurrent, "A loop's timers belong to its thread.");
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        // The cap (nearly three centuries) keeps the sum below from overflowing.
        long nanoseconds = Math.Min(delay.Ticks, long.MaxValue / 100 / 2) * 100;
        Due = EventLoop.Now + nanoseconds;
        _loop.Timers.AddOrMove(this);
    }

    /// <summary>Stops the timer; one that is not set is left alone. Afterwards its work does not run.</summary>
    public void Cancel()
    {
        Debug.Assert(_loop.IsCurrent, "A loop's timers belong to its thread.");
        _loop.Timers.Remove(this);
    }
}
