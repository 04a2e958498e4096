namespace Darter.Workers.Hooks;

/// <summary>Starts workers, with the hooks of the master for it.</summary>
internal sealed class HookedLauncher(IWorkerLauncher launcher, ServerHooks hooks) : IWorkerLauncher
{
    /// <inheritdoc/>
    public void Launch(int number, Action<WorkerLaunch> done) => _ = LaunchAsync(number, done);

    /// <inheritdoc/>
    public void Abandon() => launcher.Abandon();

    /// <inheritdoc/>
    public void Dispose() => launcher.Dispose();

    private async Task LaunchAsync(int number, Action<WorkerLaunch> done)
    {
        await hooks.StartingWorkerAsync(number).ConfigureAwait(false);
        try
        {
            launcher.Launch(number, launch =>
            {
                if (launch.Process is { } process)
                {
                    hooks.WorkerStarted(number, process.Id);
                }

                done(launch);
            });
        }
        catch (InvalidOperationException)
        {
            // The launcher was disposed of meanwhile.
            done(new WorkerLaunch { Error = "the server is stopping" });
        }
    }
}
