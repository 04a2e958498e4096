namespace Darter.Server.Caching;

/// <summary>By what answers are removed.</summary>
internal enum PurgeKind
{
    /// <summary>A key with its variant (<see cref="CacheKey"/>): something changed there.</summary>
    Key,

    /// <summary>An address, with all its variants.</summary>
    Address,

    /// <summary>A path with its query, of every host and scheme.</summary>
    Path,

    /// <summary>The beginning of an address.</summary>
    AddressPrefix,

    /// <summary>The beginning of a path, of every host and scheme.</summary>
    PathPrefix,

    /// <summary>A tag.</summary>
    Tag,

    /// <summary>Nothing: all go.</summary>
    All,
}
