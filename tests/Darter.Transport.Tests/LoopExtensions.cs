namespace Darter.Transport.Tests;

/// <summary>What tests do with loops.</summary>
internal static class LoopExtensions
{
    /// <summary>Runs a function on the loop's thread and returns its result.</summary>
    internal static Task<T> RunAsync<T>(this EventLoop loop, Func<T> function)
    {
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(new Work(() =>
        {
            try
            {
                done.SetResult(function());
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        }));
        return Wait.For(done.Task, "the loop to run posted work");
    }

    /// <summary>Runs a delegate on the loop's thread.</summary>
    internal static Task RunAsync(this EventLoop loop, Action action) =>
        loop.RunAsync(() =>
        {
            action();
            return true;
        });

    /// <summary>Has the caller go on on the loop's thread.</summary>
    internal static LoopSwitch SwitchTo(this EventLoop loop) => new(loop);
}
