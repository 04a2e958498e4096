using System.ComponentModel;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Darter.Transport.Native;
using Microsoft.Extensions.Logging;
using static Darter.Transport.Native.LibcConstants;

namespace Darter.Transport;

/// <summary>
/// A thread that waits for readiness of descriptors and runs everything that follows from it. One pass is: wait, the
/// handlers of the events fetched, the work posted before them, the timers that are due, the work of the end of the pass, the
/// sends that were put off until then.
/// </summary>
/// <remarks>Loops belong to an <see cref="EventLoopGroup"/>, which starts and stops them.</remarks>
[SuppressMessage("Design", "CA1001", Justification = "The loop's thread disposes what the loop owns when it ends.")]
public sealed partial class EventLoop
{
    private const uint InputEvents = EPOLLIN | EPOLLRDHUP | EPOLLET;

    [ThreadStatic]
    private static EventLoop? _current;

    private readonly ILogger _logger;
    private readonly bool _batches;
    private readonly Thread _thread;
    private readonly Epoll _epoll = new();
    private readonly WatchTable _watched = new();
    private readonly PostQueue _posted = new();
    private readonly WakeUp _wakeUp;
    private ILoopWork?[] _endOfPass = new ILoopWork?[16];
    private int _endOfPassCount;
    private ILoopWork?[] _endOfNextPass = new ILoopWork?[16];
    private int _endOfNextPassCount;
    private volatile bool _stopRequested;

    internal EventLoop(int index, bool batches, ILogger logger)
    {
        Index = index;
        _batches = batches;
        _logger = logger;
        Blocks = new BlockPool(this);
        _wakeUp = new WakeUp(this);
        _thread = new Thread(Run) { IsBackground = true, Name = $"darter-loop-{index}" };
    }

    /// <summary>The loop of the calling thread, or null when it is not a loop's thread.</summary>
    public static EventLoop? Current => _current;

    /// <summary>Whether the calling thread is this loop's.</summary>
    public bool IsCurrent => ReferenceEquals(_current, this);

    /// <summary>The loop's place in <see cref="EventLoopGroup.Loops"/>.</summary>
    public int Index { get; }

    /// <summary>The time timers are measured by, in nanoseconds from an arbitrary point.</summary>
    internal static long Now => Stopwatch.GetTimestamp() * (1_000_000_000 / Stopwatch.Frequency);

    /// <summary>The memory of this loop's connections.</summary>
    internal BlockPool Blocks { get; }

    /// <summary>Does the sends and receives of a pass together; null: each is done where it comes up.</summary>
    internal SocketBatch? Batch { get; private set; }

    /// <summary>How many events the current pass began with.</summary>
    public int EventsInPass { get; private set; }

    /// <summary>Counts the passes, so that work can be shared out among them.</summary>
    internal long PassNumber { get; private set; }

    internal TimerHeap Timers { get; } = new();

    /// <summary>Has work run in the loop's next pass, after the work posted before it. Any thread.</summary>
    /// <exception cref="ObjectDisposedException">The loop's group has been disposed.</exception>
    public void Post(ILoopWork work)
    {
        ArgumentNullException.ThrowIfNull(work);
        ObjectDisposedException.ThrowIf(!TryPost(work), this);
    }

    /// <summary>As <see cref="Post"/>; false when the loop has ended and the work will not run.</summary>
    internal bool TryPost(ILoopWork work)
    {
        if (!_posted.TryAdd(work))
        {
            return false;
        }

        if (!IsCurrent)
        {
            _wakeUp.Signal();
        }

        return true;
    }

    /// <summary>
    /// Has work run once at the end of the current pass, when all its events, posted work and timers have run; the place
    /// to send what they queued in one write. Work added by such work still runs in this pass. The loop's thread only.
    /// </summary>
    public void AtEndOfPass(ILoopWork work)
    {
        Debug.Assert(IsCurrent, "Only the loop's thread has a current pass.");
        Add(work, ref _endOfPass, ref _endOfPassCount);
    }

    /// <summary>
    /// Has work run once at the end of the next pass, which then only fetches the events that are there and waits for none.
    /// To be called by work of the end of a pass. The loop's thread only.
    /// </summary>
    public void AtEndOfNextPass(ILoopWork work)
    {
        Debug.Assert(IsCurrent, "Only the loop's thread has a current pass.");
        Add(work, ref _endOfNextPass, ref _endOfNextPassCount);
    }

    /// <summary>A timer that runs the work on this loop's thread; it is not set yet. Any thread may create it.</summary>
    public LoopTimer CreateTimer(ILoopWork work)
    {
        ArgumentNullException.ThrowIfNull(work);
        return new LoopTimer(this, work);
    }

    /// <summary>
    /// Starts reporting a descriptor's readiness, edge-triggered and in both directions; what it is ready for already is
    /// reported at once. Any thread. A descriptor is watched once, until <see cref="Unwatch"/>.
    /// </summary>
    /// <exception cref="Win32Exception">The kernel refused.</exception>
    public void Watch(int fd, IReadinessHandler handler) =>
        Watch(fd, handler, InputEvents | EPOLLOUT);

    /// <summary>
    /// As <see cref="Watch(int, IReadinessHandler)"/>, but room to send is reported only while <see cref="WatchRoom"/> asks
    /// for it. For Unix sockets, which report room whenever their peer has read.
    /// </summary>
    /// <exception cref="Win32Exception">The kernel refused.</exception>
    public void WatchInput(int fd, IReadinessHandler handler) => Watch(fd, handler, InputEvents);

    /// <summary>Begins or stops to report that a descriptor of <see cref="WatchInput"/> has room to send; room that it has already is
    /// reported at once.</summary>
    public void WatchRoom(int fd, bool wanted)
    {
        if (_watched.TryGetKey(fd, out ulong key))
        {
            _epoll.Modify(fd, wanted ? InputEvents | EPOLLOUT : InputEvents, key);
        }
    }

    internal void Watch(int fd, IReadinessHandler handler, uint events)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(fd);
        ArgumentNullException.ThrowIfNull(handler);
        ulong key = _watched.Add(fd, handler);
        try
        {
            _epoll.Add(fd, events, key);
        }
        catch (Win32Exception)
        {
            _watched.Remove(fd);
            throw;
        }
    }

    /// <summary>
    /// Stops reporting a descriptor's readiness; to be called before it is closed. On the loop's thread the handler is not
    /// called afterwards, not even for an event of this pass; from another thread a call may be under way.
    /// </summary>
    public void Unwatch(int fd)
    {
        if (_watched.Remove(fd))
        {
            _epoll.Remove(fd);
        }
    }

    private static void Add(ILoopWork work, ref ILoopWork?[] list, ref int count)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (count == list.Length)
        {
            Array.Resize(ref list, count * 2);
        }

        list[count++] = work;
    }
}
