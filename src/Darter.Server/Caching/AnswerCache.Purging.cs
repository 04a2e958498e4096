namespace Darter.Server.Caching;

/// <summary>Removing answers because somebody says so, or since something changed.</summary>
internal sealed partial class AnswerCache
{
    /// <summary>What is stored for an address, or for a path of all hosts; null: it is neither.</summary>
    internal static CachePurge? PurgeOfUrl(string address) =>
        address.StartsWith('/') ? new CachePurge(PurgeKind.Path, address)
        : CacheKey.Parse(address) is { } key ? new CachePurge(PurgeKind.Address, key)
        : null;

    /// <summary>What is stored for addresses that begin so, or for paths of all hosts that do; null: it is the beginning of neither.</summary>
    internal static CachePurge? PurgeOfPrefix(string prefix) =>
        prefix.StartsWith('/') ? new CachePurge(PurgeKind.PathPrefix, prefix)
        : CacheKey.Parse(prefix) is { } key ? new CachePurge(PurgeKind.AddressPrefix, key)
        : null;

    /// <summary>Removes answers, from what servers have together, too; how many of them this one had.</summary>
    internal async Task<int> PurgeAsync(CachePurge purge)
    {
        int count = Apply(purge);
        if (Shared is { } shared)
        {
            await shared.PurgeAsync(purge).ConfigureAwait(false);
        }

        return count;
    }

    /// <summary>Removes answers from this server's memory; how many.</summary>
    internal int Apply(CachePurge purge)
    {
        int count;
        if (purge.Kind == PurgeKind.Key)
        {
            _changes.Change(string.GetHashCode(purge.Value.AsSpan()));
            count = Store.Remove(purge.Value);
        }
        else
        {
            // What is on its way from the application was made before.
            _changes.ChangeAll();
            count = Store.RemoveWhere(answer => purge.Includes(answer.Resource!.Key, answer.Tags));
        }

        Totals.CountPurged(count);
        return count;
    }

    private void Invalidate(string key)
    {
        CachePurge purge = new(PurgeKind.Key, key);
        Apply(purge);
        _ = Shared?.PurgeAsync(purge);
    }
}
