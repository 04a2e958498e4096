namespace Darter.Workers;

/// <summary>Why a request did not get the application's (whole) answer. Each has one status, log level and counter.</summary>
public enum StreamFailure
{
    /// <summary>The worker died, or broke the channel's rules, while it ran the request: 502.</summary>
    WorkerDied,

    /// <summary>There is no worker that could take the request: 503.</summary>
    NoWorker,

    /// <summary>The application raised an exception after the response had begun: the connection is broken off.</summary>
    ApplicationError,

    /// <summary>The application's body was shorter than the Content-Length it gave: the connection is broken off.</summary>
    BodyTooShort,

    /// <summary>It took longer than --timeout or --request-timeout allows: 504.</summary>
    TimedOut,

    /// <summary>As many requests as --max-queue allows waited already: 503.</summary>
    QueueFull,

    /// <summary>It waited for a worker for longer than --queue-timeout: 503.</summary>
    QueueTimedOut,

    /// <summary>The client had left; not an error.</summary>
    Cancelled,
}
