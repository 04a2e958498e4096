using System.Diagnostics;

namespace Darter.Workers;

/// <summary>
/// Event loops run many requests at a time. What counts of a channel is how many it has not started; what it has started
/// may wait for something for hours.
/// </summary>
internal sealed partial class RequestQueue
{
    // How many more requests than the least busy one an event loop may have started and not ended and still be preferred for being
    // awake: those that stay, as WebSockets do, shall be spread evenly.
    private const int MostAhead = 8;

    // A request is started without notice, so while others wait it is looked for.
    private static readonly TimeSpan ClaimPoll = TimeSpan.FromMicroseconds(250);

    private static readonly TimeSpan AvoidBlocked = TimeSpan.FromMilliseconds(10);

    private Channel? ChooseEventLoop()
    {
        Channel? least = null;
        Channel? awake = null;
        Channel? avoided = null;
        int fewest = int.MaxValue;
        foreach (Channel channel in _channels)
        {
            channel.ObserveClaims();
            if (!channel.CanTake)
            {
                continue;
            }

            if (channel.AvoidedUntil > 0 && channel.AvoidedUntil > Stopwatch.GetTimestamp())
            {
                avoided ??= channel;
                continue;
            }

            fewest = Math.Min(fewest, channel.Started);
            if (channel.Unstarted > 0 && channel.PendingWork < WakeCost && (awake is null || channel.Count < awake.Count))
            {
                awake = channel;
            }

            if (least is null || (channel.PendingWork, channel.Count).CompareTo((least.PendingWork, least.Count)) < 0)
            {
                least = channel;
            }
        }

        return awake is not null && awake.Started <= fewest + MostAhead ? awake : least ?? avoided;
    }

    /// <summary>A request waits: it can be sent as soon as an event loop has started others.</summary>
    private void WatchClaims()
    {
        if (_application > 1 && _waiting.Count == 1)
        {
            _claimTimer.Set(ClaimPoll);
        }
    }

    /// <summary>A request was sent that another event loop might start earlier.</summary>
    private void WatchUnstarted()
    {
        if (_channels.Count > 1 && !_claimTimer.IsSet)
        {
            _claimTimer.Set(SpillAfter);
        }
    }

    /// <summary>
    /// Takes back what an event loop that the application blocks has not started, as far as another can take it, and gives
    /// out what waits.
    /// </summary>
    private void WatchEventLoops()
    {
        long now = Stopwatch.GetTimestamp();
        int room = 0;
        bool blocked = false;
        bool unstarted = false;
        foreach (Channel channel in _channels)
        {
            channel.ObserveClaims();
            unstarted |= channel.Unstarted > 0;
            if (IsBlocked(channel, now))
            {
                blocked = true;
            }
            else if (channel.AvoidedUntil <= now)
            {
                room += Math.Max(channel.Room, 0);
            }
        }

        room -= _waiting.Count;
        if (blocked && room > 0)
        {
            foreach (Channel channel in _channels)
            {
                if (room > 0 && IsBlocked(channel, now))
                {
                    room -= channel.ReturnOldestUnstarted(room);
                    channel.AvoidedUntil = now + (long)(AvoidBlocked.TotalSeconds * Stopwatch.Frequency);
                }
            }
        }

        Distribute();
        if (_waiting.Count > 0)
        {
            _claimTimer.Set(ClaimPoll);
        }
        else if (unstarted && !_claimTimer.IsSet)
        {
            _claimTimer.Set(SpillAfter);
        }
    }

    private static bool IsBlocked(Channel channel, long now) =>
        channel.Unstarted > 0 && Stopwatch.GetElapsedTime(channel.LastProgress, now) >= SpillAfter;
}
