using Darter.CPython;

namespace Darter.Gateway.Runtime;

/// <summary>
/// Python objects found again by the bytes they were made of: one place per hash, the newest wins. Bounded in entries and
/// in the length of a key; longer ones are not kept.
/// </summary>
internal sealed class ObjectCache(int capacity, int longestKey)
{
    // Capacity is a power of two.
    private readonly Entry[] _entries = new Entry[capacity];

    // Keeps what is too long for an entry alive until its user has it.
    private HeldReference _notKept;

    /// <summary>Finds the object of these bytes.</summary>
    /// <param name="key">The bytes.</param>
    /// <param name="hash">To be given to <see cref="Add"/> if there is none.</param>
    /// <param name="value">The object; valid until the next <see cref="Add"/>.</param>
    public bool TryFind(ReadOnlySpan<byte> key, out ulong hash, out BorrowedReference value)
    {
        hash = BytesHash.Compute(key);
        ref Entry entry = ref _entries[(int)hash & (_entries.Length - 1)];
        if (entry.Hash == hash && entry.Key.AsSpan(0, entry.Length).SequenceEqual(key) && !entry.Value.IsNull)
        {
            value = entry.Value.Borrow();
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>
    /// Keeps an object and returns it; NULL stays NULL. It may drop another one, so only objects whose end runs no Python
    /// code belong here.
    /// </summary>
    public BorrowedReference Add(ReadOnlySpan<byte> key, ulong hash, NewReference value)
    {
        if (value.IsNull || key.Length > longestKey)
        {
            _notKept.Set(value);
            return value;
        }

        ref Entry entry = ref _entries[(int)hash & (_entries.Length - 1)];
        if (entry.Key is null || entry.Key.Length < key.Length)
        {
            entry.Key = new byte[Math.Max(16, key.Length)];
        }

        key.CopyTo(entry.Key);
        entry.Length = key.Length;
        entry.Hash = hash;
        entry.Value.Set(value);
        return value;
    }

    private struct Entry
    {
        public ulong Hash;
        public byte[] Key;
        public int Length;
        public HeldReference Value;
    }
}
