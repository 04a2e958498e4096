namespace Darter.Server.Observability;

/// <summary>Whether a server is ready for requests, and why not.</summary>
public enum HealthState
{
    /// <summary>The application has not been loaded yet.</summary>
    Starting,

    /// <summary>There are workers that take requests.</summary>
    Ready,

    /// <summary>There is no worker: all of them crashed, or were asked to leave.</summary>
    NoWorkers,

    /// <summary>The server is about to stop, or stops.</summary>
    Draining,
}
