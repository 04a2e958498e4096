namespace Darter.Workers;

/// <summary>A request that took too long and was answered by the front, while the worker still runs it.</summary>
/// <param name="Channel">Where it runs.</param>
/// <param name="Id">Its stream.</param>
internal sealed record AbandonedRequest(Channel Channel, uint Id)
{
    /// <summary>When its task was cancelled, by <see cref="TimeProvider.GetTimestamp"/>; 0: it was not yet.</summary>
    internal long CancelledAt { get; set; }
}
