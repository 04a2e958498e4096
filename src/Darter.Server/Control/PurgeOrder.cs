namespace Darter.Server.Control;

/// <summary>The body of <c>POST /cache/purge</c>: one of these says what goes.</summary>
public sealed record PurgeOrder
{
    /// <summary>An address, or a path, which means that of all hosts and schemes; with its query.</summary>
    public string? Url { get; init; }

    /// <summary>The beginning of addresses, or of paths.</summary>
    public string? Prefix { get; init; }

    /// <summary>A name that the application gave its answers in Surrogate-Key or Cache-Tag.</summary>
    public string? Tag { get; init; }

    /// <summary>Everything.</summary>
    public bool All { get; init; }
}
