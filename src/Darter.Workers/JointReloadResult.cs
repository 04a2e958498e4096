namespace Darter.Workers;

/// <summary>How a reload of several pools came out.</summary>
/// <param name="Failed">The pool that it failed for; null: for none of them in particular.</param>
/// <param name="Result">What holds for all of them.</param>
/// <param name="IsAbandoned">Whether it was given up from outside.</param>
public sealed record JointReloadResult(WorkerPool? Failed, ReloadResult Result, bool IsAbandoned = false);
