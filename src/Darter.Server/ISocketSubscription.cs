namespace Darter.Server;

/// <summary>What one WebSocket gets of what is published. On the pool's loop; once disposed of it gets nothing more.</summary>
internal interface ISocketSubscription : IDisposable
{
    /// <summary>Subscribes to a channel; null, or why that cannot be, for the log.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="prevId">The last item the client has: what came since is delivered first; null: nothing is.</param>
    /// <param name="filters">Names of GRIP's filters.</param>
    string? Subscribe(string channel, string? prevId, IReadOnlyList<string> filters);

    /// <summary>Ends the subscription to a channel.</summary>
    void Unsubscribe(string channel);

    /// <summary>Sets what filters know about the WebSocket; null removes it.</summary>
    void SetMeta(string name, string? value);

    /// <summary>Ends all subscriptions; the connection is held until this is disposed of.</summary>
    void UnsubscribeAll();
}
