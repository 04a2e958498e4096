namespace Darter.Server.Observability;

/// <summary>
/// What a log loses, reported twice for each time of trouble: when it begins, with the reason, and when it is over, with
/// the number of entries. Used by the log's thread.
/// </summary>
internal sealed class LogTrouble(string name, Action<string> report)
{
    // How long nothing must have been lost for it to be over. Longer each time that it comes back soon: a destination that
    // is away for good, and seldom written to, is not to be reported with every entry.
    private const long ShortestCalm = 1_000;
    private const long LongestCalm = 60_000;

    private long _calm = ShortestCalm;
    private long _lost;
    private long _lastLoss;
    private long _lastEnd = -LongestCalm;

    /// <summary>Whether something was lost and not yet summed up.</summary>
    internal bool IsOpen => _lost > 0;

    /// <summary>How long to wait for the end of the trouble.</summary>
    internal TimeSpan Left => TimeSpan.FromMilliseconds(Math.Max(_lastLoss + _calm - Environment.TickCount64, 0));

    internal void OnLost(int entries, string reason)
    {
        long now = Environment.TickCount64;
        if (!IsOpen)
        {
            _calm = now - _lastEnd < LongestCalm ? Math.Min(2 * _calm, LongestCalm) : ShortestCalm;
            report($"{name} loses entries: {reason}");
        }

        _lost += entries;
        _lastLoss = now;
    }

    internal void OnReopenFailed(string reason) => report($"{name} could not be opened again and stays as it is: {reason}");

    /// <summary>Sums up, if it is over.</summary>
    internal void Check()
    {
        if (IsOpen && Left == TimeSpan.Zero)
        {
            Close();
        }
    }

    /// <summary>Sums up what was lost, if anything was.</summary>
    internal void Close()
    {
        if (IsOpen)
        {
            report($"{name} lost {_lost} {(_lost == 1 ? "entry" : "entries")}");
            _lost = 0;
            _lastEnd = Environment.TickCount64;
        }
    }
}
