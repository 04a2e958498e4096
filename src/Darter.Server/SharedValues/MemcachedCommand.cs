namespace Darter.Server.SharedValues;

/// <summary>A line of memcached's text protocol, understood.</summary>
internal sealed record MemcachedCommand
{
    /// <summary>What it wants.</summary>
    internal required MemcachedVerb Verb { get; init; }

    /// <summary>The keys: one, or for <see cref="MemcachedVerb.Get"/> at least one.</summary>
    internal IReadOnlyList<byte[]> Keys { get; init; } = [];

    /// <summary>Get: whether the answer says which value it is (<c>gets</c>).</summary>
    internal bool WithUnique { get; init; }

    /// <summary>Get, touch, store: the expiration time, and clear: when; null: none is given.</summary>
    internal long? Exptime { get; init; }

    /// <summary>Store: on what it depends.</summary>
    internal StoreMode Mode { get; init; }

    /// <summary>Store: what the client says about the bytes.</summary>
    internal uint Flags { get; init; }

    /// <summary>Store: how many bytes follow the line.</summary>
    internal int Length { get; init; }

    /// <summary>Store: the value that must be there.</summary>
    internal ulong Seen { get; init; }

    /// <summary>Count: by how much.</summary>
    internal CountStep Step { get; init; }

    /// <summary>Stats: of what.</summary>
    internal string Argument { get; init; } = "";

    /// <summary>Whether the client wants no answer.</summary>
    internal bool IsQuiet { get; init; }

    /// <summary>The answer to a command that is none.</summary>
    internal string? Error { get; init; }

    /// <summary>Whether the connection ends after that: what follows may be data, which must not be taken for commands.</summary>
    internal bool EndsConnection { get; init; }
}
