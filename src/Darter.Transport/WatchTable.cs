namespace Darter.Transport;

/// <summary>
/// Finds the handler of a fetched event. A key is a descriptor and the generation of its registration, so an event that
/// was fetched for a descriptor closed since, and perhaps opened again as another connection, finds nothing.
/// </summary>
internal sealed class WatchTable
{
    private readonly Lock _gate = new();
    private Entry[] _entries = new Entry[64];

    /// <summary>Sets the handler of a descriptor. Any thread.</summary>
    /// <returns>The key to register with epoll.</returns>
    internal ulong Add(int fd, IReadinessHandler handler)
    {
        lock (_gate)
        {
            if (fd >= _entries.Length)
            {
                Entry[] larger = new Entry[Math.Max(fd + 1, _entries.Length * 2)];
                _entries.CopyTo(larger, 0);
                Volatile.Write(ref _entries, larger);
            }

            _entries[fd].Handler = handler;
            return KeyOf(fd);
        }
    }

    /// <summary>Forgets a descriptor's handler and makes its key stale.</summary>
    /// <returns>False when there was none.</returns>
    internal bool Remove(int fd)
    {
        lock (_gate)
        {
            if ((uint)fd >= (uint)_entries.Length || _entries[fd].Handler is null)
            {
                return false;
            }

            ref Entry entry = ref _entries[fd];
            entry.Handler = null;
            entry.Generation++;
            return true;
        }
    }

    /// <summary>The key that a descriptor was registered with. Any thread.</summary>
    /// <returns>False when it is not watched.</returns>
    internal bool TryGetKey(int fd, out ulong key)
    {
        lock (_gate)
        {
            bool watched = (uint)fd < (uint)_entries.Length && _entries[fd].Handler is not null;
            key = watched ? KeyOf(fd) : 0;
            return watched;
        }
    }

    /// <summary>The handler a key was made for, or null when it is stale. The loop's thread.</summary>
    internal IReadinessHandler? Find(ulong key)
    {
        // Without the lock: only the generation makes a key stale, and it changes before a new handler is set.
        Entry[] entries = Volatile.Read(ref _entries);
        uint fd = (uint)key;
        if (fd >= (uint)entries.Length)
        {
            return null;
        }

        ref Entry entry = ref entries[fd];
        return entry.Generation == (uint)(key >> 32) ? entry.Handler : null;
    }

    private ulong KeyOf(int fd) => ((ulong)_entries[fd].Generation << 32) | (uint)fd;

    private struct Entry
    {
        internal IReadinessHandler? Handler;
        internal uint Generation;
    }
}
