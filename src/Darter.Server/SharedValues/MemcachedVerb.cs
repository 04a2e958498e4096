namespace Darter.Server.SharedValues;

/// <summary>What a command of memcached's text protocol wants.</summary>
internal enum MemcachedVerb
{
    /// <summary>It is none, or its arguments are wrong.</summary>
    None,

    /// <summary><c>get</c>, <c>gets</c>, <c>gat</c>, <c>gats</c>.</summary>
    Get,

    /// <summary><c>set</c>, <c>add</c>, <c>replace</c>, <c>append</c>, <c>prepend</c>, <c>cas</c>.</summary>
    Store,

    /// <summary><c>incr</c>, <c>decr</c>.</summary>
    Count,

    /// <summary><c>touch</c>.</summary>
    Touch,

    /// <summary><c>delete</c>.</summary>
    Delete,

    /// <summary><c>flush_all</c>.</summary>
    Clear,

    /// <summary><c>stats</c>.</summary>
    Stats,

    /// <summary><c>version</c>.</summary>
    Version,

    /// <summary><c>verbosity</c>, which changes nothing.</summary>
    Verbosity,

    /// <summary><c>quit</c>.</summary>
    Quit,
}
