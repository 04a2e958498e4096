namespace Darter.Workers;

/// <summary>Starts worker processes.</summary>
internal interface IWorkerLauncher : IDisposable
{
    /// <summary>Starts a worker; <paramref name="done"/> is called on a thread of the launcher's.</summary>
    void Launch(int number, Action<WorkerLaunch> done);

    /// <summary>Ends when all that the workers wrote was read, of those that have ended.</summary>
    Task OutputsEnded => Task.CompletedTask;
}
