namespace Darter.Server.Hub.Redis;

/// <summary>
/// What a node knows of a channel's stream: how far it has read, which items it has delivered, and its own items. All members
/// are used under <see cref="Lock"/>, which is held while items are delivered, so that they keep their order.
/// </summary>
internal sealed class ChannelStream(string name, string self, IStreamReceiver receiver, long timestamp)
{
    // How far a node reads back when it has been away: so much may the clocks of two servers differ that stand in for each other.
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(1);

    // Clocks of this machine and of the server may differ by so much. Rather something old is shown than something new is not.
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, (long Sequence, long Timestamp)> _applied = [];
    private readonly Queue<OwnItem> _own = new();
    private readonly Dictionary<long, OwnItem> _ownByNumber = [];
    private readonly List<StreamPush> _pending = [];
    private IStreamSession? _synced;
    private IStreamSession? _open;
    private (long Sequence, long Timestamp)? _sent;
    private StreamId _last;
    private bool _readsAll;

    internal Lock Lock { get; } = new();

    internal string Name { get; } = name;

    /// <summary>When this node took interest in it; if it reads the stream only later, what is older goes into the history only.</summary>
    internal required DateTimeOffset Since { get; init; }

    /// <summary>When this node published to it last, or somebody here subscribed to it.</summary>
    internal long Wanted { get; private set; } = timestamp;

    /// <summary>When it was wanted, or something came from it, last.</summary>
    internal long Touched { get; private set; } = timestamp;

    /// <summary>Whether it was taken out of use; who gets hold of it all the same looks it up again.</summary>
    internal bool Retired { get; set; }

    /// <summary>Reads what this node has missed; null: does not.</summary>
    internal Task? Syncing { get; set; }

    /// <summary>The node's own items, oldest first.</summary>
    internal IReadOnlyCollection<OwnItem> Own => _own;

    /// <summary>Whether all that is in the stream has been delivered, and what comes is pushed.</summary>
    internal bool IsSynced(IStreamSession session) => _synced == session;

    /// <summary>This node is interested in it.</summary>
    internal void Want(long now) => Touched = Wanted = now;

    /// <summary>Takes an item of this node.</summary>
    internal void Add(OwnItem item)
    {
        Want(item.Timestamp);
        _own.Enqueue(item);
        _ownByNumber.Add(item.Sequence, item);
    }

    /// <summary>Lets go of the oldest own item, if this node's subscribers have it.</summary>
    internal OwnItem? RemoveOldest()
    {
        if (_own.TryPeek(out OwnItem? oldest) && oldest.Delivered)
        {
            _ownByNumber.Remove(oldest.Sequence);
            return _own.Dequeue();
        }

        return null;
    }

    /// <summary>Whether the next own item may be appended over a session: those before it are.</summary>
    internal bool IsOpen(IStreamSession session) => _open == session;

    /// <summary>From now on own items are appended over a session: first all that are not stored.</summary>
    internal void Open(IStreamSession session, long stored, TimeSpan age)
    {
        _open = session;
        _sent = stored > 0 && _own.LastOrDefault() is { } last ? (stored, last.Timestamp) : null;
        foreach (OwnItem item in _own)
        {
            if (item.Sequence <= stored)
            {
                item.Shared = true;
            }
            else
            {
                Append(session, item, item.Timestamp, age);
            }
        }
    }

    /// <summary>Appends an own item. The one before it has to be in the stream, unless that is so long ago that it may be forgotten.</summary>
    internal void Append(IStreamSession session, OwnItem item, long now, TimeSpan age)
    {
        long? after = _sent is { } sent && TimeSpan.FromTicks(now - sent.Timestamp) < age ? sent.Sequence : null;
        _sent = (item.Sequence, now);
        session.Append(Name, self, item.Sequence, after, item.Data);
    }

    /// <summary>Delivers the own items up to a number without waiting for the stream.</summary>
    internal void DeliverOwn(long upTo = long.MaxValue)
    {
        foreach (OwnItem item in _own)
        {
            if (item.Sequence > upTo)
            {
                break;
            }

            if (!item.Delivered)
            {
                _applied[self] = (item.Sequence, item.Timestamp);
                item.OnDelivered(receiver.Deliver(Name, item.Data, StreamDelivery.Live, null));
            }
        }
    }

    /// <summary>Takes an item that was pushed. False: something before it is missing, so the stream has to be read.</summary>
    internal bool Take(IStreamSession session, StreamPush push, long now)
    {
        if (IsApplied(push.Entry))
        {
            Skip(push);
            return true;
        }

        if (push.Previous == default)
        {
            // The first entry of a stream: new, or the server has lost the old one.
            _synced = session;
        }
        else if (_synced != session || push.Previous != _last)
        {
            if (push.Entry.Id <= _last)
            {
                // The server has lost the stream and counts anew.
                _last = default;
            }

            _synced = null;
            _pending.Add(push);
            return false;
        }

        Apply(push.Entry, now, StreamDelivery.Live);
        return true;
    }

    /// <summary>Lets a pushed item pass, since nobody here wants it; the stream is read when somebody does.</summary>
    internal void Miss() => _synced = null;

    /// <summary>Begins to read; where to read on from.</summary>
    internal StreamId BeginRead()
    {
        _readsAll = _last == default;
        return _readsAll ? default : _last.Back(Overlap);
    }

    /// <summary>Takes what was read from the stream, some of it or all.</summary>
    internal void TakeRead(IReadOnlyList<StreamEntry> entries, DateTimeOffset oldest, long now)
    {
        foreach (StreamEntry entry in entries)
        {
            DateTimeOffset published = entry.Id.Time;
            if (IsApplied(entry) || (_readsAll && published < oldest))
            {
                _last = entry.Id;
                OnShared(entry);
            }
            else
            {
                Apply(entry, now, _readsAll && published < Since - Tolerance ? StreamDelivery.History : StreamDelivery.CaughtUp);
            }
        }
    }

    /// <summary>All was read. False: something was pushed meanwhile that does not join on, so read on.</summary>
    internal bool EndRead(IStreamSession session, long now)
    {
        bool complete = true;
        foreach (StreamPush push in _pending)
        {
            if (IsApplied(push.Entry))
            {
                Skip(push);
                continue;
            }

            if (push.Previous != _last)
            {
                complete = false;
                break;
            }

            Apply(push.Entry, now, StreamDelivery.Live);
        }

        _pending.Clear();
        _synced = complete ? session : null;
        return complete;
    }

    /// <summary>Forgets what was pushed while reading, because the session is over.</summary>
    internal void DropPending() => _pending.Clear();

    /// <summary>Begins anew with reading, unless own items are on their way.</summary>
    internal void Forget()
    {
        if (Syncing is null && _own.All(item => item.Shared))
        {
            _synced = null;
            _last = default;
            _applied.Clear();
        }
    }

    /// <summary>Forgets nodes of which nothing has come since <paramref name="before"/>.</summary>
    internal void ForgetOrigins(long before)
    {
        foreach (string origin in _applied.Where(pair => pair.Value.Timestamp < before).Select(pair => pair.Key).ToArray())
        {
            _applied.Remove(origin);
        }
    }

    // The items of a node are in the stream in the order of their numbers.
    private bool IsApplied(StreamEntry entry) => _applied.TryGetValue(entry.Origin, out (long Sequence, long) applied) && applied.Sequence >= entry.Sequence;

    private void Apply(StreamEntry entry, long now, StreamDelivery delivery)
    {
        _last = entry.Id;
        Touched = now;
        _applied[entry.Origin] = (entry.Sequence, now);
        int subscribers = receiver.Deliver(Name, entry.Data, delivery, delivery == StreamDelivery.Live ? null : entry.Id.Time);
        OnShared(entry)?.OnDelivered(subscribers);
    }

    // Delivered before it came from the stream, or twice: only the place counts.
    private void Skip(StreamPush push)
    {
        if (push.Previous == _last)
        {
            _last = push.Entry.Id;
        }

        OnShared(push.Entry);
    }

    private OwnItem? OnShared(StreamEntry entry)
    {
        OwnItem? item = entry.Origin == self ? _ownByNumber.GetValueOrDefault(entry.Sequence) : null;
        if (item is not null)
        {
            item.Shared = true;
        }

        return item;
    }
}
