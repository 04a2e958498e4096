using System.Diagnostics;
using Darter.Transport;

namespace Darter.Workers;

/// <summary>A worker that the front started itself.</summary>
internal sealed class ChildWorkerProcess(Process process) : WorkerProcess
{
    /// <inheritdoc/>
    internal override int Id { get; } = process.Id;

    /// <inheritdoc/>
    internal override void Watch(EventLoop loop, Action<ExitStatus> exited)
    {
        process.Exited += (_, _) => loop.Post(new LoopAction(() => exited(new ExitStatus(process.ExitCode))));
        process.EnableRaisingEvents = true;
    }

    /// <inheritdoc/>
    internal override void Kill()
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended already; its exit is on its way to the loop.
        }
    }

    /// <inheritdoc/>
    public override void Dispose() => process.Dispose();
}
