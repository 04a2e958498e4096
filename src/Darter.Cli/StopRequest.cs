namespace Darter.Cli;

/// <summary>
/// That the server is to end, as signals and the control socket ask for it: in order, or at once; what is asked for a
/// second time is always at once. Any thread.
/// </summary>
internal sealed class StopRequest : IDisposable
{
    private readonly TaskCompletionSource<(string Cause, bool Quick)> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _any = new();
    private readonly CancellationTokenSource _quick = new();

    /// <summary>Cancelled when the server is to end, whichever way.</summary>
    internal CancellationToken Any => _any.Token;

    /// <summary>Cancelled when the server is to end at once.</summary>
    internal CancellationToken Quick => _quick.Token;

    /// <summary>Waits for the first request: what it came from, for the log, and whether it was to end at once.</summary>
    internal Task<(string Cause, bool Quick)> WaitAsync() => _first.Task;

    /// <summary>Asks for the end.</summary>
    internal void Ask(string cause, bool quick)
    {
        if (!_first.TrySetResult((cause, quick)) || quick)
        {
            _quick.Cancel();
        }

        _any.Cancel();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _any.Dispose();
        _quick.Dispose();
    }
}
