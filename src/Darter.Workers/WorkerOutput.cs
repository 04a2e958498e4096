namespace Darter.Workers;

/// <summary>What becomes of what a worker's Python code writes to its outputs.</summary>
public enum WorkerOutput
{
    /// <summary>It goes where the front's own outputs go.</summary>
    Inherited,

    /// <summary>What is reported of the application's errors (<c>wsgi.errors</c>, tracebacks) is read by the front, line by line; the rest is inherited.</summary>
    Errors,

    /// <summary>All of standard output and standard error is read by the front.</summary>
    All,
}
