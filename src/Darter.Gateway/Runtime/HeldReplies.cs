namespace Darter.Gateway.Runtime;

/// <summary>
/// Sends replies that were held back for company while the request behind them runs for long. One thread for all
/// channels of the process: without the GIL, awake only while replies are being held.
/// </summary>
internal static class HeldReplies
{
    /// <summary>How long replies may be held, at least; at most twice this.</summary>
    private const int Milliseconds = 2;

    /// <summary>How many looks in vain until the thread sleeps. Waking it costs more than some looks.</summary>
    private const int LooksInVain = 10;

    private const int StackSize = 64 * 1024;

    private static readonly Lock Gate = new();
    private static readonly AutoResetEvent Wake = new(false);
    private static Channel[] _channels = [];
    private static bool _asleep;

    /// <summary>Has the thread look after a channel that has lent what is pending.</summary>
    public static void Watch(Channel channel)
    {
        if (!channel.IsWatched)
        {
            Add(channel);
        }

        // Behind the full fence of the lending: the thread says that it sleeps before it looks for the last time.
        if (Volatile.Read(ref _asleep))
        {
            Wake.Set();
        }
    }

    private static void Add(Channel channel)
    {
        channel.IsWatched = true;
        lock (Gate)
        {
            bool isFirst = _channels.Length == 0;
            Volatile.Write(ref _channels, [.. _channels, channel]);
            if (isFirst)
            {
                new Thread(Run, StackSize) { IsBackground = true, Name = "held replies" }.Start();
            }
        }
    }

    private static void Run()
    {
        while (true)
        {
            for (int vain = 0; vain < LooksInVain; vain = Look() ? 0 : vain + 1)
            {
                Thread.Sleep(Milliseconds);
            }

            Volatile.Write(ref _asleep, true);
            Interlocked.MemoryBarrier();
            if (!Look())
            {
                Wake.WaitOne();
            }

            Volatile.Write(ref _asleep, false);
        }
    }

    private static bool Look()
    {
        bool any = false;
        foreach (Channel channel in Volatile.Read(ref _channels))
        {
            any |= channel.SendLent();
        }

        return any;
    }
}
