using System.ComponentModel;
using static Darter.Transport.Native.Libc;
using static Darter.Transport.Native.LibcConstants;

namespace Darter.Transport.Native;

/// <summary>
/// Wakes a loop from its wait for events, with a system call only when it may be asleep and nobody has woken it yet.
/// </summary>
internal sealed unsafe class WakeUp : IReadinessHandler, IDisposable
{
    private readonly Lock _gate = new();
    private int _fd;
    private int _asleep;

    internal WakeUp(EventLoop loop)
    {
        _fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (_fd < 0)
        {
            throw new Win32Exception(Errno);
        }

        // Edge-triggered: each write is an event of its own, and the counter is never read.
        loop.Watch(_fd, this, EPOLLIN | EPOLLET);
    }

    /// <summary>The loop is about to wait; it must look for work once more after this call.</summary>
    internal void BeginSleep()
    {
        // The exchange is a full fence: either the loop sees the work added before a Signal, or the Signal sees this.
        Interlocked.Exchange(ref _asleep, 1);
    }

    internal void EndSleep() => Volatile.Write(ref _asleep, 0);

    /// <summary>Wakes the loop, so that it sees what was added before this call. Any thread.</summary>
    internal void Signal()
    {
        if (Interlocked.CompareExchange(ref _asleep, 0, 1) != 1)
        {
            return;
        }

        lock (_gate)
        {
            if (_fd >= 0)
            {
                ulong one = 1;
                _ = write(_fd, &one, sizeof(ulong));
            }
        }
    }

    /// <summary>Nothing to do: being awake was the purpose.</summary>
    public void OnReady(Readiness readiness)
    {
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _ = close(_fd);
            _fd = -1;
        }
    }
}
