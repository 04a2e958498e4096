namespace Darter.Gateway.Runtime;

/// <summary>
/// What was made of bytes, found again by them. Bounded; what comes once only does not push out what comes often.
/// </summary>
internal sealed class TemplateCache<T>
    where T : Template, new()
{
    private const int LongestKey = 4096;

    // Number of places is a power of two.
    private readonly T[] _places;
    private T _last = new();

    /// <summary>Creates a store of that many places.</summary>
    public TemplateCache(int places)
    {
        _places = new T[places];
        for (int i = 0; i < places; i++)
        {
            _places[i] = new T();
        }
    }

    /// <summary>The template of these bytes, or null.</summary>
    /// <param name="key">The bytes.</param>
    /// <param name="place">Where a new template of them is to be put; null if it is not worth while.</param>
    /// <param name="hash">To be given to <see cref="Template.SetKey"/>.</param>
    public T? Find(ReadOnlySpan<byte> key, out T? place, out ulong hash)
    {
        place = null;
        hash = 0;

        // The same bytes as just now: no need to look through them twice.
        if (_last.Matches(key))
        {
            return _last;
        }

        if (key.Length > LongestKey)
        {
            return null;
        }

        hash = BytesHash.Compute(key);
        T found = _places[(int)hash & (_places.Length - 1)];
        if (found.Matches(key, hash))
        {
            _last = found;
            return found;
        }

        if (found.Missed == hash)
        {
            place = found;
        }

        found.Missed = hash;
        return null;
    }
}
