namespace Darter.Server.Hub.Redis;

/// <summary>What it forgets: by number within a channel, by age, and by bytes and channels in all.</summary>
internal sealed partial class StreamBackplane
{
    private void Trim(ChannelStream stream)
    {
        while (stream.Own.Count > _limits.Items && Remove(stream))
        {
        }
    }

    private bool Remove(ChannelStream stream)
    {
        if (stream.RemoveOldest() is not { } item)
        {
            return false;
        }

        Interlocked.Add(ref _bytes, -item.Size);
        if (!item.Shared)
        {
            Interlocked.Increment(ref _dropped);
        }

        return true;
    }

    private void Retire(ChannelStream stream)
    {
        stream.Retired = true;
        _streams.TryRemove(stream.Name, out _);
    }

    private void Sweep()
    {
        // What tells whether an item is there already has to outlive the item, wherever that is still kept.
        long before = Now - _limits.Age.Ticks;
        long longBefore = Now - _limits.Remembered.Ticks;
        foreach (ChannelStream stream in _streams.Values)
        {
            lock (stream.Lock)
            {
                RemoveUntil(stream, before);
                stream.ForgetOrigins(longBefore);
                if (stream.Touched < longBefore && stream.Own.Count == 0 && IsUnused(stream))
                {
                    Retire(stream);
                }
            }
        }
    }

    // Without a lock. Looking through everything is dear, so there is room for some time afterwards.
    private void Bound()
    {
        bool tooLarge = Interlocked.Read(ref _bytes) > _limits.Bytes;
        bool tooMany = _streams.Count > _limits.Channels;
        if ((!tooLarge && !tooMany) || Interlocked.Exchange(ref _bounding, 1) != 0)
        {
            return;
        }

        try
        {
            if (tooLarge)
            {
                ForgetItems();
            }

            if (tooMany)
            {
                ForgetStreams();
            }
        }
        finally
        {
            Volatile.Write(ref _bounding, 0);
        }
    }

    private void ForgetItems()
    {
        long until = Oldest(
            _streams.Values.SelectMany(stream => Locked(stream, () => stream.Own.Select(item => (item.Timestamp, (long)item.Size)).ToArray())),
            _limits.Bytes);
        foreach (ChannelStream stream in _streams.Values)
        {
            lock (stream.Lock)
            {
                RemoveUntil(stream, until);
            }
        }
    }

    private void ForgetStreams()
    {
        long until = Oldest(_streams.Values.Select(stream => (Locked(stream, () => stream.Touched), 1L)), _limits.Channels);
        foreach (ChannelStream stream in _streams.Values)
        {
            lock (stream.Lock)
            {
                if (stream.Touched <= until && IsUnused(stream))
                {
                    RemoveUntil(stream, long.MaxValue);
                    if (stream.Own.Count == 0)
                    {
                        Retire(stream);
                    }
                }
            }
        }
    }

    // Until when the oldest are, without which three quarters of what is allowed are left.
    private static long Oldest(IEnumerable<(long Timestamp, long Size)> all, long most)
    {
        (long Timestamp, long Size)[] ordered = [.. all.OrderByDescending(one => one.Timestamp)];
        long left = most - (most / 4);
        foreach ((long timestamp, long size) in ordered)
        {
            left -= size;
            if (left < 0)
            {
                return timestamp;
            }
        }

        return long.MinValue;
    }

    private void RemoveUntil(ChannelStream stream, long until)
    {
        while (stream.Own.FirstOrDefault() is { } oldest && oldest.Timestamp <= until && Remove(stream))
        {
        }
    }

    private bool IsUnused(ChannelStream stream) => stream.Syncing is null && !_receiver.HasSubscribers(stream.Name);
}
