namespace Darter.Gateway.Wsgi;

/// <summary>
/// Environs found again by the bytes they were made of. Bounded; what comes once only does not push out what comes often.
/// </summary>
internal sealed class EnvironTemplates
{
    private const int LongestKey = 4096;

    // Number of places is a power of two.
    private readonly EnvironTemplate[] _places;
    private EnvironTemplate _last = new();

    /// <summary>Creates a store of that many places.</summary>
    public EnvironTemplates(int places)
    {
        _places = new EnvironTemplate[places];
        for (int i = 0; i < places; i++)
        {
            _places[i] = new EnvironTemplate();
        }
    }

    /// <summary>The template of these bytes, or null.</summary>
    /// <param name="key">The bytes.</param>
    /// <param name="place">Where a new template of them is to be put; null if it is not worth while.</param>
    /// <param name="hash">To be given to <see cref="EnvironTemplate.Set"/>.</param>
    public EnvironTemplate? Find(ReadOnlySpan<byte> key, out EnvironTemplate? place, out ulong hash)
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
        EnvironTemplate found = _places[(int)hash & (_places.Length - 1)];
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
