using Darter.Workers.Native;

namespace Darter.Workers;

/// <summary>What the supervisor knows of a worker in which something took too long.</summary>
internal sealed partial class Worker
{
    /// <summary>Requests answered without it, which it has not ended.</summary>
    internal List<AbandonedRequest> Abandoned { get; } = [];

    /// <summary>Whether it runs a request that nobody waits for and that does not end: it is to go as soon as nobody waits for others.</summary>
    internal bool IsCondemned { get; set; }

    /// <summary>Whether it was interrupted, and is killed if it does not end.</summary>
    internal bool IsInterrupted { get; set; }

    /// <summary>Whether its stacks are being written.</summary>
    internal bool IsWritingStacks { get; set; }

    /// <summary>When its stacks were last logged, by <see cref="TimeProvider.GetTimestamp"/>; 0: never.</summary>
    internal long StacksLoggedAt { get; set; }

    /// <summary>Requests that it has ended.</summary>
    internal long Served { get; set; }

    /// <summary>How many it may end before it is replaced; 0: any number.</summary>
    internal int MostServed { get; set; }

    /// <summary>Whether it waits to be replaced.</summary>
    internal bool IsWorn { get; set; }

    /// <summary>Whether its memory does not count, since the application takes more than is allowed as soon as it is loaded.</summary>
    internal bool IsLarge { get; set; }

    /// <summary>Whether one of its channels has requests, those included that nobody waits for.</summary>
    internal bool IsBusy => Channels.Exists(channel => channel.IsBusy);

    /// <summary>Whether it runs one request at a time.</summary>
    internal bool RunsOneAtATime => Channels is [{ IsEventLoop: false }];

    /// <summary>Sends a signal to the process, if it still runs.</summary>
    internal void Signal(int signal)
    {
        if (State != WorkerState.Ended && ProcessId > 0)
        {
            _ = Libc.kill(ProcessId, signal);
        }
    }
}
