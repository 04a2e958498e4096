using Darter.Transport;

namespace Darter.Workers;

/// <summary>The process of a worker, whoever its parent is.</summary>
internal abstract class WorkerProcess : IDisposable
{
    /// <summary>The process id.</summary>
    internal abstract int Id { get; }

    /// <summary>Has <paramref name="exited"/> run once on the loop's thread when the process has ended. To be called once.</summary>
    internal abstract void Watch(EventLoop loop, Action<ExitStatus> exited);

    /// <summary>Ends the process at once, if it still runs.</summary>
    internal abstract void Kill();

    /// <inheritdoc/>
    public abstract void Dispose();
}
