namespace Darter.Server.Caching;

/// <summary>Removing answers because somebody says so.</summary>
internal sealed partial class AnswerCache
{
    /// <summary>Removes what is stored for an address, or for a path of all hosts; null: it is neither.</summary>
    internal int? PurgeUrl(string address)
    {
        if (address.StartsWith('/'))
        {
            return Purge(answer => PathOf(CacheKey.AddressOf(answer.Resource!.Key)).SequenceEqual(address));
        }

        return CacheKey.Parse(address) is { } key ? Purge(answer => CacheKey.AddressOf(answer.Resource!.Key).SequenceEqual(key)) : null;
    }

    /// <summary>Removes what is stored for addresses that begin so, or for paths of all hosts that do; null: it is the beginning of neither.</summary>
    internal int? PurgePrefix(string prefix)
    {
        if (prefix.StartsWith('/'))
        {
            return Purge(answer => PathOf(CacheKey.AddressOf(answer.Resource!.Key)).StartsWith(prefix, StringComparison.Ordinal));
        }

        return CacheKey.Parse(prefix) is { } key ? Purge(answer => answer.Resource!.Key.StartsWith(key, StringComparison.Ordinal)) : null;
    }

    /// <summary>Removes the answers with a tag.</summary>
    internal int PurgeTag(string tag) => Purge(answer => answer.Tags.Contains(tag, StringComparer.Ordinal));

    /// <summary>Removes everything.</summary>
    internal int PurgeAll() => Purge(static _ => true);

    private int Purge(Func<CachedAnswer, bool> condition)
    {
        // What is on its way from the application was made before.
        _changes.ChangeAll();
        int count = Store.RemoveWhere(condition);
        Totals.CountPurged(count);
        return count;
    }

    private static ReadOnlySpan<char> PathOf(ReadOnlySpan<char> address)
    {
        ReadOnlySpan<char> authority = address[(address.IndexOf("://", StringComparison.Ordinal) + 3)..];
        return authority[authority.IndexOf('/')..];
    }
}
