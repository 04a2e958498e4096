namespace Darter.Server.Observability;

/// <summary>
/// What a log loses, reported twice for each time of trouble: when it begins, with the reason, and when it is over, with
/// the number of entries. Any thread.
/// </summary>
internal sealed class LogTrouble(string name, Action<string> report)
{
    // How long nothing must have been lost for it to be over. Longer each time that it comes back soon: a destination that
    // is away for good, and seldom written to, is not to be reported with every entry.
    private const long ShortestCalm = 1_000;
    private const long LongestCalm = 60_000;

    private readonly Lock _gate = new();
    private long _calm = ShortestCalm;
    private long _lost;
    private long _lastLoss;
    private long _lastEnd = -LongestCalm;
    private volatile bool _isOpen;

    /// <summary>Whether something was lost and not yet summed up.</summary>
    internal bool IsOpen => _isOpen;

    /// <summary>How long to wait for the end of the trouble.</summary>
    internal TimeSpan Left => TimeSpan.FromMilliseconds(Math.Max(Volatile.Read(ref _lastLoss) + _calm - Environment.TickCount64, 0));

    /// <summary>Entries were lost, or are about to be.</summary>
    internal void OnLost(long entries, string reason)
    {
        bool begins;
        lock (_gate)
        {
            long now = Environment.TickCount64;
            begins = !_isOpen;
            if (begins)
            {
                _calm = now - _lastEnd < LongestCalm ? Math.Min(2 * _calm, LongestCalm) : ShortestCalm;
                _isOpen = true;
            }

            _lost += entries;
            Volatile.Write(ref _lastLoss, now);
        }

        if (begins)
        {
            report($"{name} loses entries: {reason}");
        }
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
        long lost;
        lock (_gate)
        {
            if (!_isOpen)
            {
                return;
            }

            (lost, _lost) = (_lost, 0);
            _isOpen = false;
            _lastEnd = Environment.TickCount64;
        }

        if (lost > 0)
        {
            report($"{name} lost {lost} {(lost == 1 ? "entry" : "entries")}");
        }
    }
}
