namespace Darter.Server.Hub;

/// <summary>What was published lately: bounded by number for each channel, by age, and by bytes for all of them.</summary>
internal sealed partial class MessageHub
{
    // In the order of publishing, so that what is to go is always at the beginning.
    private readonly LinkedList<HubEntry> _history = new();
    private long _historyBytes;

    private long Now => _time.GetTimestamp() * 1000 / _time.TimestampFrequency;

    /// <summary>Forgets what is too old. It happens with everything that is published, too; this is for a hub where nothing is.</summary>
    internal void ForgetExpired()
    {
        lock (_gate)
        {
            ForgetExpired(Now);
        }
    }

    private void Keep(HubChannel? channel, HubItem item, long now)
    {
        channel?.NoteId(item.Id, _sequence);
        if (_limits.HistorySize == 0 || !item.IsKept || item.Size > _limits.HistoryBytes)
        {
            return;
        }

        long age = item.PublishedAt is { } at ? Math.Max(0, (long)(_time.GetUtcNow() - at).TotalMilliseconds) : 0;
        if (IsExpired(now - age, now))
        {
            return;
        }

        if (channel is null)
        {
            if (!MakeRoom(1))
            {
                return;
            }

            _channels[item.Channel] = channel = new HubChannel(item.Channel);
            channel.NoteId(item.Id, _sequence);
        }

        HubEntry entry = new(channel, item, _sequence, now - age);
        channel.Keep(entry);
        _history.AddLast(entry.Node);
        _historyBytes += item.Size;
        if (channel.HistoryCount > _limits.HistorySize)
        {
            ForgetOldest(channel);
        }

        while (_historyBytes > _limits.HistoryBytes)
        {
            ForgetOldest(_history.First!.Value.Channel);
        }
    }

    private void ForgetExpired(long now)
    {
        while (_history.First is { } first && IsExpired(first.Value.Time, now))
        {
            ForgetOldest(first.Value.Channel);
        }
    }

    private bool IsExpired(long time, long now) => _limits.HistoryAge > TimeSpan.Zero && now - time > _limits.HistoryAge.TotalMilliseconds;

    private void ForgetOldest(HubChannel channel)
    {
        HubEntry entry = channel.Forget();
        _history.Remove(entry.Node);
        _historyBytes -= entry.Item.Size;
        Drop(channel);
    }

    /// <summary>Has room for so many more channels, if need be by forgetting the oldest items of channels that nobody is subscribed to.</summary>
    private bool MakeRoom(int channels)
    {
        LinkedListNode<HubEntry>? node = _history.First;
        while (_channels.Count + channels > _limits.MaxChannels && node is not null)
        {
            HubChannel channel = node.Value.Channel;
            node = node.Next;
            if (channel.MemberCount == 0)
            {
                // The oldest item of all that are left is the oldest of its channel.
                ForgetOldest(channel);
            }
        }

        return _channels.Count + channels <= _limits.MaxChannels;
    }

    /// <summary>Delivers what the channels have behind what the client got last.</summary>
    private void Replay(HubSubscription subscription, List<HubChannelRequest> channels, string? lastEventId)
    {
        List<HubEntry> missed = [];

        // One id for a stream of several channels: it tells a place in the order of all.
        long? last = lastEventId is null ? null : channels.Where(request => request.PrevId is null).Min(request => _channels[request.Name].Find(lastEventId));
        foreach (HubChannelRequest request in channels)
        {
            HubChannel channel = _channels[request.Name];
            if (request.PrevId is { } id)
            {
                // An id that is not known is older than what is kept: all of that is new.
                channel.CollectAfter(channel.Find(id) ?? 0, missed);
            }
            else if (lastEventId is not null)
            {
                channel.CollectAfter(last ?? 0, missed);
            }
        }

        if (channels.Count > 1)
        {
            missed.Sort(static (a, b) => a.Sequence.CompareTo(b.Sequence));
        }

        foreach (HubEntry entry in missed)
        {
            if (subscription.Members[entry.Channel.Name].Wants(entry.Item) && subscription.Subscriber.Deliver(entry.Item, isReplay: true))
            {
                _delivered++;
            }
        }
    }
}
