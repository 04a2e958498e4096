namespace Darter.Server.Caching;

/// <summary>
/// Which answer goes when there is no room: S3-FIFO (Yang and others, "FIFO queues are all you need for cache eviction",
/// SOSP 2023). What is new stays in a small queue first, so that the many that are asked for once push out none that are
/// asked for often. A use only counts; nothing is moved, so using needs no lock.
/// </summary>
/// <param name="limit">Bytes of the store, of which the small queue has a tenth.</param>
internal sealed class EvictionQueues(long limit)
{
    /// <summary>How far uses are counted.</summary>
    internal const int MostUses = 3;

    /// <summary>What remembering an answer that went takes, in bytes.</summary>
    internal const int GhostSize = 64;

    private readonly AnswerQueue _small = new();
    private readonly AnswerQueue _main = new();
    private readonly Queue<(ulong Hash, long Serial)> _ghosts = new();
    private readonly Dictionary<ulong, long> _ghostSet = [];
    private long _serial;

    /// <summary>Bytes of all answers, and of what is remembered of those that went.</summary>
    internal long Bytes => _small.Bytes + _main.Bytes + ((long)_ghosts.Count * GhostSize);

    /// <summary>How many answers there are.</summary>
    internal int Count => _small.Count + _main.Count;

    /// <summary>Takes one in. What went lately and is wanted again goes to those that stay.</summary>
    internal void Add(CachedAnswer answer)
    {
        answer.Uses = 0;
        (_ghostSet.Remove(HashOf(answer)) ? _main : _small).Add(answer);
    }

    /// <summary>Takes one out.</summary>
    internal void Remove(CachedAnswer answer)
    {
        answer.Queue?.Remove(answer);
        TrimGhosts();
    }

    /// <summary>Chooses the one that goes, and takes it out; null: there is none. What is remembered gives way by itself.</summary>
    internal CachedAnswer? Evict()
    {
        while (Count > 0)
        {
            bool fromSmall = _small.Bytes > limit / 10 || _main.Count == 0;
            AnswerQueue queue = fromSmall ? _small : _main;
            CachedAnswer answer = queue.First!;
            queue.Remove(answer);
            if (fromSmall && answer.Uses > 1)
            {
                answer.Uses = 0;
                _main.Add(answer);
            }
            else if (!fromSmall && answer.Uses > 0)
            {
                answer.Uses--;
                _main.Add(answer);
            }
            else
            {
                if (fromSmall)
                {
                    Remember(HashOf(answer));
                }

                TrimGhosts();
                return answer;
            }
        }

        _ghosts.Clear();
        _ghostSet.Clear();
        return null;
    }

    private void Remember(ulong hash)
    {
        _ghostSet[hash] = ++_serial;
        _ghosts.Enqueue((hash, _serial));
    }

    /// <summary>As many are remembered as there are in the main queue.</summary>
    private void TrimGhosts()
    {
        while (_ghosts.Count > _main.Count && _ghosts.TryDequeue(out (ulong Hash, long Serial) ghost))
        {
            if (_ghostSet.TryGetValue(ghost.Hash, out long serial) && serial == ghost.Serial)
            {
                _ghostSet.Remove(ghost.Hash);
            }
        }
    }

    private static ulong HashOf(CachedAnswer answer)
    {
        HashCode hash = default;
        hash.Add(answer.Resource!.Key, StringComparer.Ordinal);
        foreach (string? value in answer.VaryValues)
        {
            hash.Add(value, StringComparer.Ordinal);
        }

        return (uint)hash.ToHashCode();
    }
}
