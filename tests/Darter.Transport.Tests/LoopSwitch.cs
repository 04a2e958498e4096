using System.Runtime.CompilerServices;

namespace Darter.Transport.Tests;

/// <summary>Awaited, moves an asynchronous method to a loop's thread.</summary>
internal readonly struct LoopSwitch(EventLoop loop) : INotifyCompletion
{
    public bool IsCompleted => loop.IsCurrent;

    public LoopSwitch GetAwaiter() => this;

    public void OnCompleted(Action continuation) => loop.Post(new Work(continuation));

    public void GetResult() => Assert.True(loop.IsCurrent);
}
