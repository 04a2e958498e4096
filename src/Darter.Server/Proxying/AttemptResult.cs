namespace Darter.Server.Proxying;

/// <summary>What became of a request at a destination.</summary>
internal enum AttemptResult
{
    /// <summary>It was answered.</summary>
    Answered,

    /// <summary>There was no connection: nothing was sent.</summary>
    NotSent,

    /// <summary>It failed before the answer began; the destination may have carried it out.</summary>
    NotAnswered,

    /// <summary>The destination was silent for too long.</summary>
    TimedOut,

    /// <summary>The answer cannot be passed on.</summary>
    BadAnswer,

    /// <summary>The answer broke off in the middle.</summary>
    BrokenOff,

    /// <summary>The client's request is faulty, or too slow.</summary>
    BadRequest,

    /// <summary>The client has left.</summary>
    ClientLeft,

    /// <summary>A WebSocket is over, in whatever way.</summary>
    SocketEnded,

    /// <summary>The front failed.</summary>
    Failed,
}
