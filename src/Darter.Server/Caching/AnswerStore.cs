using System.Collections.Concurrent;

namespace Darter.Server.Caching;

/// <summary>
/// The answers that are kept. Looking one up takes no lock; storing and removing take one. The bytes of all of them, and
/// those reserved for answers that are being received, never exceed the limit.
/// </summary>
internal sealed class AnswerStore
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, CacheResource> _resources = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, CacheResource>.AlternateLookup<ReadOnlySpan<char>> _byKey;
    private readonly EvictionQueues _queues;
    private readonly long _limit;
    private long _reserved;

    internal AnswerStore(long limit)
    {
        _limit = limit;
        _queues = new EvictionQueues(limit);
        _byKey = _resources.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Bytes in use.</summary>
    internal long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _queues.Bytes + _reserved;
            }
        }
    }

    /// <summary>How many answers there are.</summary>
    internal int Count
    {
        get
        {
            lock (_gate)
            {
                return _queues.Count;
            }
        }
    }

    /// <summary>How many answers had to go since there was no room.</summary>
    internal long Evictions { get; private set; }

    /// <summary>What is stored for a target; null: nothing. Any thread.</summary>
    internal CacheResource? Find(ReadOnlySpan<char> key) => _byKey.TryGetValue(key, out CacheResource? resource) ? resource : null;

    /// <summary>
    /// Reserves memory for an answer that comes; false: there is none, since half of it is reserved, or the answer would take
    /// more than all.
    /// </summary>
    internal bool TryReserve(long bytes)
    {
        lock (_gate)
        {
            if (_reserved + bytes > _limit / 2 || !MakeRoom(bytes))
            {
                return false;
            }

            _reserved += bytes;
            return true;
        }
    }

    /// <summary>Gives back what was reserved.</summary>
    internal void Release(long bytes)
    {
        lock (_gate)
        {
            _reserved -= bytes;
        }
    }

    /// <summary>Stores an answer in the place of an earlier one to requests like this. False: it is too big.</summary>
    /// <param name="key">The target.</param>
    /// <param name="vary">The answer's own fields of Vary.</param>
    /// <param name="request">The request's fields.</param>
    /// <param name="answer">The answer.</param>
    internal bool Put(string key, string[] vary, in RequestFields request, CachedAnswer answer)
    {
        lock (_gate)
        {
            CacheResource? resource = Find(key);
            if (resource is null || !vary.All(name => resource.VaryNames.Contains(name, StringComparer.OrdinalIgnoreCase)))
            {
                string[] names = [.. (resource?.VaryNames ?? []).Union(vary, StringComparer.OrdinalIgnoreCase)];
                if (resource is not null)
                {
                    RemoveAll(resource);
                }

                resource = new CacheResource(key, names);
            }
            else if (resource.Find(request) is { } earlier)
            {
                Remove(earlier);
            }

            answer.Place(resource, request.Read(resource.VaryNames));
            if (!MakeRoom(answer.Size))
            {
                return false;
            }

            if (resource.Variants.Length >= CacheResource.MostVariants)
            {
                Remove(resource.Variants[0]);
            }

            // It may have lost its last answer, and its place with it, to make room.
            _resources[key] = resource;
            resource.Variants = [.. resource.Variants, answer];
            _queues.Add(answer);
            return true;
        }
    }

    /// <summary>An answer takes more bytes from now on; false: there is no room, or it is not stored any more.</summary>
    internal bool TryGrow(CachedAnswer answer, long bytes)
    {
        lock (_gate)
        {
            // It may have to go itself.
            if (answer.Queue is null || !MakeRoom(bytes) || answer.Queue is not { } queue)
            {
                return false;
            }

            queue.Grow(answer, bytes);
            return true;
        }
    }

    /// <summary>Removes all that is stored for a target; how many answers.</summary>
    internal int Remove(string key)
    {
        lock (_gate)
        {
            return Find(key) is { } resource ? RemoveAll(resource) : 0;
        }
    }

    /// <summary>Removes an answer, if it is still there.</summary>
    internal void Discard(CachedAnswer answer)
    {
        lock (_gate)
        {
            if (answer.Queue is not null)
            {
                Remove(answer);
            }
        }
    }

    /// <summary>Removes the answers that meet a condition; how many.</summary>
    internal int RemoveWhere(Func<CachedAnswer, bool> condition)
    {
        lock (_gate)
        {
            int count = 0;
            foreach ((_, CacheResource resource) in _resources)
            {
                foreach (CachedAnswer answer in resource.Variants)
                {
                    if (condition(answer))
                    {
                        Remove(answer);
                        count++;
                    }
                }
            }

            return count;
        }
    }

    /// <summary>Has answers go until there is room for so many bytes; false: there will not be.</summary>
    private bool MakeRoom(long bytes)
    {
        if (_reserved + bytes > _limit)
        {
            return false;
        }

        while (_queues.Bytes + _reserved + bytes > _limit)
        {
            if (_queues.Evict() is { } answer)
            {
                Evictions++;
                Forget(answer);
            }
        }

        return true;
    }

    private int RemoveAll(CacheResource resource)
    {
        CachedAnswer[] variants = resource.Variants;
        Array.ForEach(variants, Remove);
        return variants.Length;
    }

    private void Remove(CachedAnswer answer)
    {
        _queues.Remove(answer);
        Forget(answer);
    }

    private void Forget(CachedAnswer answer)
    {
        CacheResource resource = answer.Resource!;
        resource.Variants = [.. resource.Variants.Where(other => other != answer)];
        if (resource.Variants.Length == 0)
        {
            _resources.TryRemove(new KeyValuePair<string, CacheResource>(resource.Key, resource));
        }
    }
}
