using Darter.Transport;

namespace Darter.Server.Applications;

/// <summary>
/// A client that ends its side of the connection while its request is here. As long as that has not begun to run, it is
/// taken to have left: most clients leave so, and proxies understand it so. Once it runs, the client may be waiting.
/// </summary>
internal sealed partial class HttpStream
{
    // A worker starts what it is sent within microseconds, or milliseconds on a busy machine, unless something else occupies it.
    private static readonly TimeSpan StartTime = TimeSpan.FromMilliseconds(50);

    private void OnClientFinished()
    {
        if (_completed)
        {
            return;
        }

        if (_held is not null && IsIdle)
        {
            LoseHeldClient();
            return;
        }

        if (IsQueued)
        {
            DropUnstarted();
            return;
        }

        if (IsAhead)
        {
            int serial = _serial;
            LoopTimer timer = _pool.Loop.CreateTimer(new LoopCall(() =>
            {
                if (serial == _serial && !_completed && (IsQueued || TryTakeBack()))
                {
                    DropUnstarted();
                }
            }));
            timer.Set(StartTime);
        }

        SayClientFinished();
    }

    private void DropUnstarted()
    {
        _pool.Cancel(this);
        StopBody();
        _lifetime.Abort();
        Complete();
    }
}
