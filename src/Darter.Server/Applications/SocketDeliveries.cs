using System.Collections.Concurrent;
using Darter.Transport;

namespace Darter.Server.Applications;

/// <summary>
/// Brings published messages to the pool's loop, from whatever thread they are published on: one post to the loop for as
/// many as there are, not one for each.
/// </summary>
internal sealed class SocketDeliveries(EventLoop loop) : ILoopWork
{
    private readonly ConcurrentQueue<SocketDelivery> _queue = new();
    private int _isPosted;

    /// <summary>Any thread; in the order of the calls.</summary>
    internal void Add(in SocketDelivery delivery)
    {
        _queue.Enqueue(delivery);
        if (Interlocked.Exchange(ref _isPosted, 1) == 0)
        {
            try
            {
                loop.Post(this);
            }
            catch (ObjectDisposedException)
            {
                // The server has ended, and all its connections with it.
            }
        }
    }

    /// <inheritdoc/>
    void ILoopWork.Run()
    {
        // What comes from here on needs another post.
        Volatile.Write(ref _isPosted, 0);
        Thread.MemoryBarrier();
        for (int left = _queue.Count; left > 0 && _queue.TryDequeue(out SocketDelivery delivery); left--)
        {
            delivery.Socket.OnPublished(delivery.Message, delivery.IsReplay);
        }

        if (!_queue.IsEmpty && Interlocked.Exchange(ref _isPosted, 1) == 0)
        {
            loop.Post(this);
        }
    }
}
