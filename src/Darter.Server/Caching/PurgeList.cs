namespace Darter.Server.Caching;

/// <summary>
/// The last purges that servers have made together, each with its number, the newest first. An answer that was stored after the purge
/// with some number is still right if that one is in the list and none of the newer ones is for it.
/// </summary>
/// <param name="items">The purges as texts: the number, a line feed, the purge.</param>
internal sealed class PurgeList(IReadOnlyList<string> items)
{
    private readonly (string Number, CachePurge Purge)[] _purges = [.. items.Select(Read)];

    /// <summary>The number of the newest; empty: there is none.</summary>
    internal string Newest => _purges is [var first, ..] ? first.Number : "";

    /// <summary>The number of a purge in the list.</summary>
    internal static string NumberOf(string item) => Read(item).Number;

    /// <summary>Whether an answer was not purged; false also if that is not known any more.</summary>
    internal bool Allows(string number, string key, string[] tags)
    {
        foreach ((string later, CachePurge purge) in _purges)
        {
            if (later == number)
            {
                return true;
            }

            if (purge.Includes(key, tags))
            {
                return false;
            }
        }

        return false;
    }

    private static (string Number, CachePurge Purge) Read(string item)
    {
        int end = item.IndexOf('\n', StringComparison.Ordinal);
        return end < 0 ? (item, CachePurge.All) : (item[..end], CachePurge.Parse(item[(end + 1)..]));
    }
}
