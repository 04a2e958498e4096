using System.Runtime.CompilerServices;
using Darter.Transport;

namespace Darter.Server.Applications;

/// <summary>Awaited, goes on on the loop's thread: at once where that is the current one.</summary>
internal readonly struct LoopSwitch(EventLoop loop) : ICriticalNotifyCompletion
{
    public bool IsCompleted => loop.IsCurrent;

    public LoopSwitch GetAwaiter() => this;

    public void GetResult()
    {
    }

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation)
    {
        try
        {
            loop.Post(new LoopCall(continuation));
        }
        catch (ObjectDisposedException)
        {
            // The server has ended, and all its connections with it.
        }
    }
}
