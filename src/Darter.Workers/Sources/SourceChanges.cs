namespace Darter.Workers.Sources;

/// <summary>What has changed, and the weightiest of what it means.</summary>
/// <param name="Kind">What is to be done.</param>
/// <param name="Files">The files; empty if it is not known which.</param>
public sealed record SourceChanges(SourceKind Kind, IReadOnlyList<string> Files);
