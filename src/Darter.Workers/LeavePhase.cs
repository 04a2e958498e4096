namespace Darter.Workers;

/// <summary>How far a worker is that was asked to go.</summary>
internal enum LeavePhase : byte
{
    /// <summary>It finishes its requests, within the graceful timeout.</summary>
    Requests,

    /// <summary>That is over, but it may keep its WebSockets and event streams for longer.</summary>
    Streams,

    /// <summary>Those are over, too: it has a moment to end in order, then it is killed.</summary>
    Ending,
}
