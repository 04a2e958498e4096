namespace Darter.Workers;

/// <summary>The life of a worker.</summary>
internal enum WorkerState : byte
{
    /// <summary>Its process is being started, or loads the application.</summary>
    Starting,

    /// <summary>All its channels take requests.</summary>
    Ready,

    /// <summary>It was asked to go.</summary>
    Stopping,

    /// <summary>Its process has ended.</summary>
    Ended,
}
