using Darter.Transport;

namespace Darter.Workers;

/// <summary>
/// Reports what may happen thousands of times a second: the first at once, then how many there were, every ten seconds.
/// Loop thread only.
/// </summary>
internal sealed class RefusalLog
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly Action<int> _write;
    private readonly LoopTimer _timer;
    private int _count;

    internal RefusalLog(EventLoop loop, Action<int> write)
    {
        _write = write;
        _timer = loop.CreateTimer(new LoopAction(OnPauseOver));
    }

    /// <summary>It happened once more.</summary>
    internal void Count()
    {
        _count++;
        if (!_timer.IsSet)
        {
            Write();
        }
    }

    private void OnPauseOver()
    {
        if (_count > 0)
        {
            Write();
        }
    }

    private void Write()
    {
        int count = _count;
        _count = 0;
        _timer.Set(Pause);
        _write(count);
    }
}
