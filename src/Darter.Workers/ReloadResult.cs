namespace Darter.Workers;

/// <summary>How a reload came out.</summary>
/// <param name="Generation">The generation that serves now.</param>
/// <param name="Error">Why the new one does not, for people, a traceback perhaps; null if it does.</param>
/// <param name="IsLoadFailure">Whether the reason is that the new workers did not load the application.</param>
/// <param name="ServesError">Development: whether the new workers serve the reason in the place of the application, which did not load.</param>
public sealed record ReloadResult(int Generation, string? Error, bool IsLoadFailure = false, bool ServesError = false)
{
    /// <summary>Whether the new generation serves.</summary>
    public bool Succeeded => Error is null;
}
