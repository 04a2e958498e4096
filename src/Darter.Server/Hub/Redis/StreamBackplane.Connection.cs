namespace Darter.Server.Hub.Redis;

internal sealed partial class StreamBackplane
{
    // So many channels are caught up at a time after a connection is back.
    private const int Parallel = 32;

    private async Task RunAsync()
    {
        TimeSpan wait = _limits.RetryAfter;
        while (!_stop.IsCancellationRequested)
        {
            string reason = "";
            try
            {
                IStreamSession session = await _connector.ConnectAsync(OnPushed, _stop.Token).ConfigureAwait(false);
                await using (session.ConfigureAwait(false))
                {
                    bool begun = await BeginAsync(session).ConfigureAwait(false);
                    if (begun)
                    {
                        (wait, _away) = (_limits.RetryAfter, null);
                        Log.Connected(_logger, _connector.Name);
                        long dropped = Interlocked.Exchange(ref _dropped, 0);
                        if (dropped > 0)
                        {
                            Log.Dropped(_logger, dropped, _connector.Name);
                        }

                        await EndOfAsync(session).ConfigureAwait(false);
                    }

                    reason = session.Reason;
                    End();
                }
            }
            catch (IOException exception)
            {
                reason = exception.Message;
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                break;
            }

            // The state first: who has read the log may ask for it.
            bool isNew = _away is null;
            _away = reason;
            if (isNew && !_stop.IsCancellationRequested)
            {
                Log.Away(_logger, _connector.Name, reason);
            }

            // Not all nodes at the same moment.
            await DelayAsync(wait * (0.75 + (Random.Shared.NextDouble() / 2))).ConfigureAwait(false);
            wait = TimeSpan.FromTicks(Math.Min(wait.Ticks * 2, _limits.RetryAtMost.Ticks));
        }

        End();
    }

    // Sends what the streams do not have, and reads what this node does not have. False: the session did not live that long.
    private async Task<bool> BeginAsync(IStreamSession session)
    {
        _session = session;
        ParallelOptions options = new() { MaxDegreeOfParallelism = Parallel };
        await System.Threading.Tasks.Parallel.ForEachAsync(_streams.Values, options, (stream, _) => OpenAsync(stream, session)).ConfigureAwait(false);
        await System.Threading.Tasks.Parallel.ForEachAsync(_receiver.Subscribed(), options, async (channel, _) =>
        {
            if (CatchUp([channel]) is { } reading)
            {
                await reading.ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
        return !session.Lost.IsCancellationRequested;
    }

    private async ValueTask OpenAsync(ChannelStream stream, IStreamSession session)
    {
        if (Locked(stream, () => stream.IsOpen(session)) || session.Lost.IsCancellationRequested)
        {
            return;
        }

        try
        {
            long stored = Locked(stream, () => stream.Own.Count) == 0 ? 0 : await session.StoredAsync(stream.Name, _origin).ConfigureAwait(false);
            lock (stream.Lock)
            {
                if (!stream.IsOpen(session))
                {
                    stream.Open(session, stored, _limits.Age);
                }
            }
        }
        catch (IOException)
        {
            // The session is over, and its reason is logged where that is noticed.
        }
    }

    // From now on items are delivered without the stream; those that were to come back from it, too.
    private void End()
    {
        _session = null;
        foreach (ChannelStream stream in _streams.Values)
        {
            lock (stream.Lock)
            {
                stream.DeliverOwn();
            }
        }
    }

    private async Task EndOfAsync(IStreamSession session)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(session.Lost, _stop.Token);
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = end.Token.Register(ended.SetResult);
        await ended.Task.ConfigureAwait(false);
    }

    private async Task DelayAsync(TimeSpan wait)
    {
        try
        {
            await Task.Delay(wait, _time, _stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
        }
    }
}
