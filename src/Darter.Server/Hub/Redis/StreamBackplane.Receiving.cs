namespace Darter.Server.Hub.Redis;

internal sealed partial class StreamBackplane
{
    private void OnPushed(IStreamSession session, StreamPush push)
    {
        // Before the session is in use nothing counts as read, so nothing is missed.
        if (session != _session)
        {
            return;
        }

        // A channel that nobody here has asked for is followed from its first item on; of others the history is read when
        // somebody asks.
        if (!_streams.ContainsKey(push.Channel) && push.Previous != default && !_receiver.HasSubscribers(push.Channel))
        {
            return;
        }

        ChannelStream stream = Enter(push.Channel);
        try
        {
            if (!stream.Take(session, push, Now))
            {
                if (stream.Syncing is null && _receiver.HasSubscribers(push.Channel))
                {
                    stream.Syncing = SyncAsync(stream, session);
                }
                else if (stream.Syncing is null)
                {
                    stream.DropPending();
                }
            }
        }
        finally
        {
            stream.Lock.Exit();
        }
    }

    // Called under the stream's lock; reads and delivers outside of it.
    private async Task SyncAsync(ChannelStream stream, IStreamSession session)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            bool complete;
            do
            {
                StreamId from = Locked(stream, () => stream.ReadFrom);
                IReadOnlyList<StreamEntry> entries = await session.ReadAsync(stream.Name, from).ConfigureAwait(false);
                lock (stream.Lock)
                {
                    complete = stream.TakeRead(session, entries, _time.GetUtcNow() - _limits.Age, Now);
                    if (complete)
                    {
                        stream.Syncing = null;
                    }
                }
            }
            while (!complete);
        }
        catch (IOException)
        {
            lock (stream.Lock)
            {
                // The next session may have been told meanwhile that this one is reading.
                stream.DropPending();
                stream.Syncing = _session is { } next && next != session && _receiver.HasSubscribers(stream.Name) ? SyncAsync(stream, next) : null;
            }
        }
    }
}
