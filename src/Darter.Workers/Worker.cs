using Darter.Transport;

namespace Darter.Workers;

/// <summary>A worker: its process and its channels, seen from the front. Loop thread only.</summary>
internal sealed partial class Worker(Generation? generation, int number)
{
    /// <summary>A worker of no generation, for tests of channels.</summary>
    internal Worker(int number)
        : this(null, number)
    {
    }

    internal Generation Generation => generation!;

    /// <summary>Which place in its generation it has, from 1; a replacement takes the number of the one it replaces.</summary>
    internal int Number { get; } = number;

    internal WorkerState State { get; set; }

    /// <summary>Null until the process is started.</summary>
    internal WorkerProcess? Process { get; set; }

    internal int ProcessId { get; set; }

    internal List<Channel> Channels { get; } = [];

    /// <summary>When its process was started, by <see cref="TimeProvider.GetTimestamp"/>; 0 before.</summary>
    internal long StartedAt { get; set; }

    /// <summary>By which it is asked how it is; null if it cannot be.</summary>
    internal WorkerWatch? Watch { get; set; }

    /// <summary>When it became ready, by <see cref="TimeProvider.GetTimestamp"/>; 0 before.</summary>
    internal long ReadySince { get; set; }

    /// <summary>Whether the application did not load; the reason was reported.</summary>
    internal bool LoadFailed { get; set; }

    /// <summary>Whether it logged an error before it was ready: it serves that, in development, in the place of the application.</summary>
    internal bool ReportedError { get; set; }

    /// <summary>Whether another one is started in its place when it ends: neither is that done already, nor is its place gone.</summary>
    internal bool HasPlace { get; set; } = true;

    /// <summary>The worker that leaves as soon as this one is ready, if it was started to take the place of one that serves.</summary>
    internal Worker? Predecessor { get; set; }

    /// <summary>How far it is with leaving; meaningful once it is <see cref="WorkerState.Stopping"/>.</summary>
    internal LeavePhase LeavePhase { get; set; }

    /// <summary>Ends the present phase of leaving.</summary>
    internal LoopTimer? LeaveTimer { get; set; }

    /// <summary>Whether the front killed it, so that its end is no news.</summary>
    internal bool IsKilled { get; private set; }

    /// <summary>Whether it runs a WebSocket or an event stream.</summary>
    internal bool HasStreams => Channels.Exists(channel => channel.HasStreams);

    /// <summary>Ends the process at once, if it still runs.</summary>
    internal void Kill()
    {
        IsKilled = true;
        Process?.Kill();
    }
}
