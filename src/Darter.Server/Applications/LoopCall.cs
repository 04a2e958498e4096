using Darter.Transport;

namespace Darter.Server.Applications;

/// <summary>A delegate as work for a loop; for what does not happen on every request.</summary>
internal sealed class LoopCall(Action action) : ILoopWork
{
    /// <inheritdoc/>
    public void Run() => action();
}
