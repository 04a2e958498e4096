namespace Darter.Workers;

/// <summary>Where a request is between the front and a worker.</summary>
internal enum StreamState : byte
{
    /// <summary>Not known to a pool.</summary>
    Idle,

    /// <summary>In the pool's queue.</summary>
    Queued,

    /// <summary>Sent to a worker on a channel, perhaps not started.</summary>
    Sent,
}
