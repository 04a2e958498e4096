using Microsoft.Extensions.Logging;

namespace Darter.Transport;

/// <summary>The event loops of a process, started together. Dispose it after everything that uses its loops.</summary>
public sealed class EventLoopGroup : IDisposable
{
    private readonly EventLoop[] _loops;
    private int _disposed;

    /// <summary>Starts the loops' threads, named <c>darter-loop-N</c>.</summary>
    /// <param name="count">How many, at least one. One is best on two cores.</param>
    /// <param name="logger">Gets the failures of handlers and work.</param>
    /// <param name="batches">Whether the loops do their sends and receives several at a time where the kernel can (io_uring).</param>
    public EventLoopGroup(int count, ILogger logger, bool batches = true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentNullException.ThrowIfNull(logger);
        _loops = new EventLoop[count];
        for (int i = 0; i < count; i++)
        {
            _loops[i] = new EventLoop(i, batches, logger);
        }

        foreach (EventLoop loop in _loops)
        {
            loop.Start();
        }
    }

    /// <summary>The loops, in the order of <see cref="EventLoop.Index"/>.</summary>
    public IReadOnlyList<EventLoop> Loops => _loops;

    /// <summary>Stops the loops, each after it has run the work posted to it so far, and waits for their threads to end.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        foreach (EventLoop loop in _loops)
        {
            loop.RequestStop();
        }

        foreach (EventLoop loop in _loops)
        {
            loop.Join();
        }
    }
}
