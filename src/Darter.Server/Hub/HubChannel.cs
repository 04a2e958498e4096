using System.Runtime.InteropServices;

namespace Darter.Server.Hub;

/// <summary>A channel: who is subscribed to it, and its latest items. Under the hub's lock.</summary>
internal sealed class HubChannel(string name)
{
    private readonly List<HubMember> _members = [];
    private readonly Queue<HubEntry> _history = new();
    private readonly Dictionary<string, HubEntry> _byId = new(StringComparer.Ordinal);

    private long _lastSequence;

    internal string Name { get; } = name;

    /// <summary>The id of the latest item that had one, also if it is not kept any more; null: none had.</summary>
    internal string? LastId { get; private set; }

    internal int HistoryCount => _history.Count;

    internal int MemberCount => _members.Count;

    internal ReadOnlySpan<HubMember> Members => CollectionsMarshal.AsSpan(_members);

    /// <summary>Whether the hub can forget the channel.</summary>
    internal bool IsEmpty => _members.Count == 0 && _history.Count == 0;

    /// <summary>The oldest item; there is one.</summary>
    internal HubEntry Oldest => _history.Peek();

    internal void Add(HubMember member)
    {
        member.Index = _members.Count;
        _members.Add(member);
    }

    internal void Remove(HubMember member)
    {
        HubMember last = _members[^1];
        _members[member.Index] = last;
        last.Index = member.Index;
        _members.RemoveAt(_members.Count - 1);
    }

    /// <summary>Whether an item of this id is in the history.</summary>
    internal bool HasItem(string id) => _byId.ContainsKey(id);

    /// <summary>Notes the id of an item, kept or not.</summary>
    internal void NoteId(string? id, long sequence)
    {
        if (id is not null)
        {
            LastId = id;
            _lastSequence = sequence;
        }
    }

    internal void Keep(HubEntry entry)
    {
        _history.Enqueue(entry);
        if (entry.Item.Id is { } id)
        {
            _byId[id] = entry;
        }
    }

    /// <summary>Forgets the oldest item.</summary>
    internal HubEntry Forget()
    {
        HubEntry entry = _history.Dequeue();
        if (entry.Item.Id is { } id)
        {
            _byId.Remove(id);
        }

        return entry;
    }

    /// <summary>
    /// The place in the hub's order behind which a client has not got anything, if <paramref name="id"/> is what it got last.
    /// Null: the history does not know the id.
    /// </summary>
    internal long? Find(string id)
    {
        if (_byId.TryGetValue(id, out HubEntry? known))
        {
            return known.Sequence;
        }

        foreach (HubEntry entry in _history)
        {
            if (entry.Item.PrevId == id)
            {
                return entry.Sequence - 1;
            }
        }

        return LastId == id ? _lastSequence : null;
    }

    /// <summary>Adds the kept items behind a place.</summary>
    internal void CollectAfter(long sequence, List<HubEntry> entries)
    {
        foreach (HubEntry entry in _history)
        {
            if (entry.Sequence > sequence)
            {
                entries.Add(entry);
            }
        }
    }
}
