namespace Darter.Transport.Tests;

/// <summary>Runs a delegate on a loop.</summary>
internal sealed class Work(Action action) : ILoopWork
{
    public void Run() => action();
}
