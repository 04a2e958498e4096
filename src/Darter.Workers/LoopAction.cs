using Darter.Transport;

namespace Darter.Workers;

/// <summary>A delegate as work for a loop; for what happens rarely.</summary>
internal sealed class LoopAction(Action action) : ILoopWork
{
    /// <inheritdoc/>
    public void Run() => action();
}
