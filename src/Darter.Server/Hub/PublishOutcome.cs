namespace Darter.Server.Hub;

/// <summary>The answer to <c>POST /publish/</c>.</summary>
/// <param name="Items">How many items were published.</param>
/// <param name="Subscribers">How many connections of this server they reached.</param>
public sealed record PublishOutcome(int Items, int Subscribers);
