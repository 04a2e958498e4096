namespace Darter.Gateway.Runtime;

/// <summary>
/// Sends replies that were held back for company while the request behind them runs for long. One thread for all
/// channels of the process: without the GIL, awake only while replies are being held.
/// </summary>
internal static class HeldReplies
{
    /// <summary>
    /// Milliseconds between two looks: replies may be held for that long at least, and at most for twice that. Looks are
    /// rarer while all that was held has left by itself, since each costs some 50 µs under load.
    /// </summary>
    private const int ShortestWait = 2;
    private const int LongestWait = 16;

    /// <summary>How many looks at nothing until the thread sleeps. Waking it costs more than some looks.</summary>
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
            int wait = ShortestWait;
            for (int vain = 0; vain < LooksInVain;)
            {
                Thread.Sleep(wait);
                Found found = Look();
                vain = found == Found.Nothing ? vain + 1 : 0;
                wait = found == Found.Held ? ShortestWait : Math.Min(2 * wait, LongestWait);
            }

            Volatile.Write(ref _asleep, true);
            Interlocked.MemoryBarrier();
            if (Look() == Found.Nothing)
            {
                Wake.WaitOne();
            }

            Volatile.Write(ref _asleep, false);
        }
    }

    private static Found Look()
    {
        Found most = Found.Nothing;
        foreach (Channel channel in Volatile.Read(ref _channels))
        {
            Found found = channel.SendLent();
            most = found > most ? found : most;
        }

        return most;
    }
}
