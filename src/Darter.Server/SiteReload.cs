using Darter.Workers;

namespace Darter.Server;

/// <summary>A reload of all applications and routes, from when it was asked for until its last trace is gone.</summary>
/// <param name="previous">The one before it; null: there was none.</param>
internal sealed class SiteReload(SiteReload? previous)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<ReloadResult> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SiteReload? _previous = previous;

    /// <summary>What loads; null: it has not begun.</summary>
    internal JointReload? Joint { get; set; }

    /// <summary>The one that was asked for later and took its place, or null.</summary>
    internal SiteReload? Successor { get; set; }

    /// <summary>Whether neither another reload nor the server's end has made it pointless.</summary>
    internal bool IsWanted { get; set; } = true;

    /// <summary>How it came out, or the one that took its place.</summary>
    internal Task<ReloadResult> Outcome => _outcome.Task;

    /// <summary>Ends when nothing runs any more that was started for it and is not in use.</summary>
    internal Task Ended => _ended.Task;

    /// <summary>Waits until those before it are gone: two that load at a time would take more memory than there may be.</summary>
    internal async Task WaitForPreviousAsync()
    {
        if (_previous is { } previous)
        {
            await previous.Ended.ConfigureAwait(false);
            _previous = null;
        }
    }

    /// <summary>It has come to its end.</summary>
    internal void End(ReloadResult result)
    {
        if (Successor is { } successor)
        {
            successor.Outcome.ContinueWith(
                outcome => _outcome.SetResult(outcome.Result), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
        else
        {
            _outcome.SetResult(result);
        }

        _ended.SetResult();
    }
}
