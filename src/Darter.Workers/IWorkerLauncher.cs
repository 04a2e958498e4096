namespace Darter.Workers;

/// <summary>Starts worker processes.</summary>
internal interface IWorkerLauncher : IDisposable
{
    /// <summary>Starts a worker; <paramref name="done"/> is called on a thread of the launcher's.</summary>
    void Launch(int number, Action<WorkerLaunch> done);

    /// <summary>No worker is wanted any more: gives up what loading there is. What was ordered is reported as not started.</summary>
    void Abandon();
}
