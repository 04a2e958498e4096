using Darter.Transport.Native;
using static Darter.Transport.Native.LibcConstants;

namespace Darter.Transport;

public sealed partial class EventLoop
{
    internal void Start() => _thread.Start();

    /// <summary>Asks the loop to end after its next pass. Any thread.</summary>
    internal void RequestStop()
    {
        _stopRequested = true;
        _wakeUp.Signal();
    }

    /// <summary>Waits until the loop has ended; returns at once on its own thread.</summary>
    internal void Join()
    {
        if (!IsCurrent)
        {
            _thread.Join();
        }
    }

    private void Run()
    {
        _current = this;
        Batch = _batches ? SocketBatch.TryCreate() : null;
        try
        {
            while (!_stopRequested)
            {
                RunPass();
            }

            // What was posted before the end still runs: somebody may wait for it.
            _posted.Close();
            RunPass();
        }
        catch (Exception exception)
        {
            // Only the kernel refusing to wait gets here; work and handlers are guarded one by one.
            LogLoopFailed(exception);
        }
        finally
        {
            _posted.Close();
            _wakeUp.Dispose();
            _epoll.Dispose();
            Batch?.Dispose();
            Batch = null;
            _current = null;
        }
    }

    private void RunPass()
    {
        int events = WaitForEvents();
        PassNumber++;
        EventsInPass = events;

        // Taken before the handlers run, so that what they post runs in the next pass.
        Span<ILoopWork?> posted = _posted.IsEmpty ? default : _posted.TakeAll();

        if (Batch is { } batch)
        {
            Dispatch(events, batch);
        }
        else
        {
            Dispatch(0, events);
        }

        foreach (ref ILoopWork? work in posted)
        {
            RunGuarded(work!);
            work = null;
        }

        if (Timers.First is not null)
        {
            RunDueTimers();
        }

        for (int i = 0; i < _endOfPassCount; i++)
        {
            ILoopWork work = _endOfPass[i]!;
            _endOfPass[i] = null;
            RunGuarded(work);
        }

        // The first of the next pass, which does not wait.
        (_endOfPass, _endOfNextPass) = (_endOfNextPass, _endOfPass);
        _endOfPassCount = _endOfNextPassCount;
        _endOfNextPassCount = 0;
        if (Batch is not null)
        {
            RunGuarded(Batch);
        }
    }

    /// <summary>Handles the events, and what they have to receive and send as far as possible in few calls.</summary>
    private void Dispatch(int events, SocketBatch batch)
    {
        for (int start = 0; start < events; start += IoUring.MostOperations)
        {
            int end = Math.Min(events, start + IoUring.MostOperations);
            if (end - start > 1)
            {
                for (int i = start; i < end; i++)
                {
                    if ((_epoll.GetEvent(i, out ulong key) & EPOLLIN) != 0 && _watched.Find(key) is EpollConnection connection)
                    {
                        batch.AddReceive(connection);
                    }
                }

                batch.Receive();
            }

            Dispatch(start, end);
        }
    }

    private void Dispatch(int start, int end)
    {
        for (int i = start; i < end; i++)
        {
            Dispatch(_epoll.GetEvent(i, out ulong key), key);
        }
    }

    private int WaitForEvents()
    {
        long timeout = -1;
        if (_stopRequested || _endOfPassCount > 0 || !_posted.IsEmpty)
        {
            timeout = 0;
        }
        else if (Timers.First is { } first)
        {
            timeout = Math.Max(first.Due - Now, 0);
        }

        if (timeout == 0)
        {
            return _epoll.Wait(0);
        }

        _wakeUp.BeginSleep();
        int events = _epoll.Wait(_posted.IsEmpty && !_stopRequested ? timeout : 0);
        _wakeUp.EndSleep();
        return events;
    }

    private void Dispatch(uint events, ulong key)
    {
        IReadinessHandler? handler = _watched.Find(key);
        if (handler is null)
        {
            return;
        }

        Readiness readiness = Readiness.None;
        if ((events & EPOLLIN) != 0)
        {
            readiness |= Readiness.Readable;
        }

        if ((events & EPOLLOUT) != 0)
        {
            readiness |= Readiness.Writable;
        }

        if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
        {
            readiness |= (events & (EPOLLHUP | EPOLLERR)) != 0 ? Readiness.Closed | Readiness.HungUp : Readiness.Closed;
        }

        try
        {
            handler.OnReady(readiness);
        }
        catch (Exception exception)
        {
            LogHandlerFailed(exception);
        }
    }

    private void RunDueTimers()
    {
        // Compared with one reading of the clock: a timer that its own work sets again waits for a later pass.
        long now = Now;
        while (Timers.First is { } timer && timer.Due <= now)
        {
            Timers.Remove(timer);
            RunGuarded(timer.Work);
        }
    }

    private void RunGuarded(ILoopWork work)
    {
        try
        {
            work.Run();
        }
        catch (Exception exception)
        {
            LogWorkFailed(exception);
        }
    }
}
