namespace Darter.Server.Caching;

/// <summary>
/// What is stored for one target. Its fields of Vary are those that any of its answers has named: telling apart more than
/// one of them needs is safe.
/// </summary>
/// <param name="key">The target (<see cref="CacheKey"/>).</param>
/// <param name="varyNames">Names of request fields that choose among the answers (RFC 9111, section 4.1).</param>
internal sealed class CacheResource(string key, string[] varyNames)
{
    /// <summary>Most answers for one target: what varies with every client fills no memory, and is found in time.</summary>
    internal const int MostVariants = 64;

    private volatile CachedAnswer[] _variants = [];

    /// <summary>The target.</summary>
    internal string Key { get; } = key;

    /// <summary>Names of request fields that choose among the answers.</summary>
    internal string[] VaryNames { get; } = varyNames;

    /// <summary>The answers, the oldest first. Changed under the store's lock, read without.</summary>
    internal CachedAnswer[] Variants
    {
        get => _variants;
        set => _variants = value;
    }

    /// <summary>The answer for requests like this one.</summary>
    internal CachedAnswer? Find(in RequestFields request)
    {
        foreach (CachedAnswer answer in _variants)
        {
            if (request.Matches(VaryNames, answer.VaryValues))
            {
                return answer;
            }
        }

        return null;
    }
}
