namespace Darter.Server.Hub.Redis;

/// <summary>An item that was published on this node.</summary>
internal sealed class OwnItem(long sequence, ReadOnlyMemory<byte> data, long timestamp)
{
    // What an item takes beside its contents, roughly.
    private const int Overhead = 256;

    private readonly TaskCompletionSource<int> _delivered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Its number.</summary>
    internal long Sequence { get; } = sequence;

    /// <summary>The item.</summary>
    internal ReadOnlyMemory<byte> Data { get; } = data;

    /// <summary>Bytes of memory it takes, roughly.</summary>
    internal int Size => Data.Length + Overhead;

    /// <summary>When it was published.</summary>
    internal long Timestamp { get; } = timestamp;

    /// <summary>Ends with the number of this node's subscribers that it reached.</summary>
    internal Task<int> Delivery => _delivered.Task;

    /// <summary>Whether it is known to be in the stream.</summary>
    internal bool Shared { get; set; }

    /// <summary>Whether this node's subscribers have it.</summary>
    internal bool Delivered => _delivered.Task.IsCompleted;

    /// <summary>This node's subscribers have it.</summary>
    internal void OnDelivered(int subscribers) => _delivered.TrySetResult(subscribers);
}
