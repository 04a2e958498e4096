namespace Darter.Workers;

/// <summary>How far a worker is that was asked to go.</summary>
internal enum LeavePhase : byte
{
    /// <summary>It finishes its requests, within the graceful timeout, and keeps its WebSockets and event streams.</summary>
    Everything,

    /// <summary>The WebSockets and event streams, whose limit is the shorter one, are ended; it finishes its requests.</summary>
    Requests,

    /// <summary>The graceful timeout has passed, but it may keep its WebSockets and event streams for longer.</summary>
    Streams,

    /// <summary>All of that is over: it has a moment to end in order, then it is killed.</summary>
    Ending,
}
