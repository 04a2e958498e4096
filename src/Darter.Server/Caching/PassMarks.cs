namespace Darter.Server.Caching;

/// <summary>
/// Remembers for a while that answers to some requests are not kept, so that no request waits for another of this kind in
/// vain. A mark may be lost to another one; then requests wait once more. Any thread.
/// </summary>
internal sealed class PassMarks
{
    private const int Size = 4096;

    // As Varnish's hit-for-miss.
    private const long Validity = 120_000;

    private readonly Mark?[] _marks = new Mark?[Size];

    /// <summary>Marks a kind of request.</summary>
    internal void Add(int hash, long now) => Volatile.Write(ref _marks[(uint)hash % Size], new Mark(hash, now + Validity));

    /// <summary>Forgets a mark: an answer was kept.</summary>
    internal void Remove(int hash)
    {
        ref Mark? mark = ref _marks[(uint)hash % Size];
        if (Volatile.Read(ref mark)?.Hash == hash)
        {
            Volatile.Write(ref mark, null);
        }
    }

    /// <summary>Whether a kind of request is marked.</summary>
    internal bool Contains(int hash, long now) => Volatile.Read(ref _marks[(uint)hash % Size]) is { } mark && mark.Hash == hash && mark.Until > now;

    private sealed record Mark(int Hash, long Until);
}
