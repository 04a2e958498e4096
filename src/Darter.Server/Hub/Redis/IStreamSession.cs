namespace Darter.Server.Hub.Redis;

/// <summary>
/// One connection to the server that keeps the streams. It is used until the first thing fails, and then disposed of: what
/// was under way is found out on the next one.
/// </summary>
internal interface IStreamSession : IAsyncDisposable
{
    /// <summary>Is cancelled when the connection is lost.</summary>
    CancellationToken Lost { get; }

    /// <summary>Why it was lost.</summary>
    string Reason { get; }

    /// <summary>
    /// Puts an item at the end of its channel's stream and tells all nodes. Appends are carried out in the order of the calls;
    /// one whose number is there already changes nothing. A failure ends the session.
    /// </summary>
    /// <param name="channel">The channel.</param>
    /// <param name="origin">The run of this node.</param>
    /// <param name="sequence">The item's number.</param>
    /// <param name="after">The number of the item that must be there before it; null: whatever there is.</param>
    /// <param name="data">The item.</param>
    void Append(string channel, string origin, long sequence, long? after, ReadOnlyMemory<byte> data);

    /// <summary>The highest number of an origin's items that was put into a channel's stream; 0: none that is remembered.</summary>
    /// <exception cref="IOException">The connection is lost.</exception>
    Task<long> StoredAsync(string channel, string origin);

    /// <summary>The first entries of a channel's stream behind <paramref name="after"/>, in order.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="after">Where to begin.</param>
    /// <param name="most">How many; fewer come only at the end of the stream.</param>
    /// <exception cref="IOException">The connection is lost.</exception>
    Task<IReadOnlyList<StreamEntry>> ReadAsync(string channel, StreamId after, int most);

    /// <summary>Ends the session, because of something that the caller has seen.</summary>
    void Fail(string reason);
}
