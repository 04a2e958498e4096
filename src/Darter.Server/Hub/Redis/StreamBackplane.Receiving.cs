namespace Darter.Server.Hub.Redis;

internal sealed partial class StreamBackplane
{
    // So many entries are read at a time: each may be as large as an item, and the answer has to come in time.
    private const int Page = 64;

    private void OnPushed(IStreamSession session, StreamPush push)
    {
        // Before the session is in use nothing counts as read, so nothing is missed.
        if (session != _session)
        {
            return;
        }

        // What nobody here has asked for passes; it is read if somebody asks.
        while (_streams.TryGetValue(push.Channel, out ChannelStream? stream))
        {
            if (TryLock(stream))
            {
                try
                {
                    Take(stream, session, push);
                }
                finally
                {
                    stream.Lock.Exit();
                }

                break;
            }
        }
    }

    private void Take(ChannelStream stream, IStreamSession session, StreamPush push)
    {
        long now = Now;
        if (now - stream.Wanted > _limits.Age.Ticks && stream.Own.Count == 0)
        {
            if (!_receiver.HasSubscribers(stream.Name))
            {
                stream.Miss();
                return;
            }

            stream.Want(now);
        }

        if (!stream.Take(session, push, now))
        {
            stream.Syncing ??= SyncAsync(stream, session);
        }
    }

    // Called under the stream's lock; reads and delivers outside of it. Never fails.
    private async Task SyncAsync(ChannelStream stream, IStreamSession session)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            bool complete;
            do
            {
                await ReadAsync(stream, session).ConfigureAwait(false);
                lock (stream.Lock)
                {
                    complete = stream.EndRead(session, Now);
                    if (complete)
                    {
                        stream.Syncing = SyncAfter(stream, session);
                    }
                }
            }
            while (!complete);
        }
        catch (IOException)
        {
            // The session is over, and its reason is logged where that is noticed.
            lock (stream.Lock)
            {
                stream.DropPending();
                stream.Syncing = SyncAfter(stream, session);
            }
        }
    }

    // Whoever asked for reading over the next session meanwhile was told that it is being read.
    private Task? SyncAfter(ChannelStream stream, IStreamSession session) =>
        _session is { } next && next != session ? SyncAsync(stream, next) : null;

    private async Task ReadAsync(ChannelStream stream, IStreamSession session)
    {
        StreamId from = Locked(stream, stream.BeginRead);
        IReadOnlyList<StreamEntry> page;
        do
        {
            page = await session.ReadAsync(stream.Name, from, Page).ConfigureAwait(false);
            if (page.Count > 0)
            {
                from = page[^1].Id;
                lock (stream.Lock)
                {
                    stream.TakeRead(page, _time.GetUtcNow() - _limits.Age, Now);
                }
            }
        }
        while (page.Count == Page);
    }
}
