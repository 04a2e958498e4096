namespace Darter.Server.Control;

/// <summary>How a reload came out.</summary>
public sealed record ReloadOutcome
{
    /// <summary>The generation that serves now.</summary>
    public required int Generation { get; init; }

    /// <summary>Why the new one does not serve, a traceback perhaps; null if it does.</summary>
    public string? Error { get; init; }

    /// <summary>
    /// What the error concerns: "application" (it did not load), "configuration" or "server" (it stops, or its workers were asked to leave); null
    /// without one.
    /// </summary>
    public string? Cause { get; init; }

    /// <summary>Settings that have changed, but do so in effect only with an upgrade or a restart.</summary>
    public IReadOnlyList<string> NotApplied { get; init; } = [];
}
