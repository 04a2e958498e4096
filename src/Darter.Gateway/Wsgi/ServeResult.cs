namespace Darter.Gateway.Wsgi;

/// <summary>Why serving has ended; the numbers are those that the bootstrap gets.</summary>
internal enum ServeResult
{
    /// <summary>A Python error is set.</summary>
    Error = -1,

    /// <summary>The front asked for it, or the worker was told to stop.</summary>
    Drained = 0,

    /// <summary>The front is gone.</summary>
    Closed = 1,

    /// <summary>The application raised SystemExit or KeyboardInterrupt: the whole worker is to end.</summary>
    ExitRequested = 2,
}
