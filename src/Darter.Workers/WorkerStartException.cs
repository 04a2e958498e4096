namespace Darter.Workers;

/// <summary>The first workers could not be started: the application did not load, or the interpreter did not run.</summary>
public sealed class WorkerStartException : Exception
{
    /// <summary>Creates the exception with what the operator should read.</summary>
    public WorkerStartException(string message)
        : base(message)
    {
    }
}
