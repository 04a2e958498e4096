namespace Darter.Server.Hub;

/// <summary>Why something was not done, for people.</summary>
public sealed record PublishError(string Error);
