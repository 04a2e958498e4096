using System.Diagnostics;

namespace Darter.Workers;

/// <summary>A worker: its process and its channels, seen from the front. Loop thread only.</summary>
internal sealed partial class Worker(int number)
{
    /// <summary>Which place in the pool it has, from 1; a replacement takes the number of the one it replaces.</summary>
    internal int Number { get; } = number;

    internal WorkerState State { get; set; }

    /// <summary>Null until the process is started.</summary>
    internal Process? Process { get; set; }

    internal int ProcessId { get; set; }

    internal List<Channel> Channels { get; } = [];

    /// <summary>By which it is asked how it is; null if it cannot be.</summary>
    internal WorkerWatch? Watch { get; set; }

    /// <summary>When it became ready, by <see cref="TimeProvider.GetTimestamp"/>; 0 before.</summary>
    internal long ReadySince { get; set; }

    /// <summary>Whether the application did not load; the reason was reported.</summary>
    internal bool LoadFailed { get; set; }

    /// <summary>Whether another one was started in its place, though it has not ended.</summary>
    internal bool IsReplaced { get; set; }

    /// <summary>Whether the front killed it, so that its end is no news.</summary>
    internal bool IsKilled { get; private set; }

    /// <summary>Ends the process at once, if it still runs.</summary>
    internal void Kill()
    {
        IsKilled = true;
        try
        {
            Process?.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended already; its exit is on its way to the loop.
        }
    }
}
