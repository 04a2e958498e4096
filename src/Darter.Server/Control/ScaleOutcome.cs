namespace Darter.Server.Control;

/// <summary>The number of workers before and after a change; those that come are not ready yet, and those that go not gone.</summary>
public sealed record ScaleOutcome(int Before, int After);
