namespace Darter.Server.Caching;

/// <summary>What the servers of several machines have together for a request.</summary>
internal sealed record SharedAnswer
{
    /// <summary>Nothing is known, and nothing can be stored.</summary>
    internal static SharedAnswer Unknown { get; } = new() { State = null };

    /// <summary>
    /// The state of the target and of all purges: what is stored for it is refused if that is another by then. Null: it is not known.
    /// </summary>
    internal required string? State { get; init; }

    /// <summary>Names of the request's fields that tell answers apart, in small letters.</summary>
    internal string[] Vary { get; init; } = [];

    /// <summary>The answer; null: there is none.</summary>
    internal CachedAnswer? Answer { get; init; }
}
