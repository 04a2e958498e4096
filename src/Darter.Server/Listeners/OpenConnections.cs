using Microsoft.AspNetCore.Connections;

namespace Darter.Server.Listeners;

/// <summary>Counts the connections of all listeners, and tells when there is none.</summary>
internal sealed class OpenConnections
{
    private int _count;
    private TaskCompletionSource? _none;

    /// <summary>The connection middleware.</summary>
    internal ConnectionDelegate Count(ConnectionDelegate next) => async connection =>
    {
        Interlocked.Increment(ref _count);
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            Leave();
        }
    };

    /// <summary>The same for connections of HTTP/3.</summary>
    internal MultiplexedConnectionDelegate CountMultiplexed(MultiplexedConnectionDelegate next) => async connection =>
    {
        Interlocked.Increment(ref _count);
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            Leave();
        }
    };

    /// <summary>Ends when there is no connection; for a server that accepts no more.</summary>
    internal Task WaitForNoneAsync()
    {
        TaskCompletionSource none = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _none, none);
        if (Volatile.Read(ref _count) == 0)
        {
            none.TrySetResult();
        }

        return none.Task;
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _count) == 0)
        {
            Volatile.Read(ref _none)?.TrySetResult();
        }
    }
}
