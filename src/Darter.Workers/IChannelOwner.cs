using Darter.Wire;

namespace Darter.Workers;

/// <summary>What a channel tells the pool. All on the loop's thread.</summary>
internal interface IChannelOwner
{
    /// <summary>The application is loaded on this channel. <paramref name="version"/> is the interpreter's.</summary>
    void OnReady(Channel channel, string version);

    /// <summary>The worker could not load the application.</summary>
    void OnLoadFailed(Channel channel, string reason);

    /// <summary>Requests ended; the channel may have room.</summary>
    void OnProgress(Channel channel);

    /// <summary>A request that was not started must go to another channel.</summary>
    void OnReturned(WorkerStream stream);

    /// <summary>The worker leaves: it finishes what it has started, and starts nothing more.</summary>
    void OnLeaving(Channel channel);

    /// <summary>The channel is closed; <paramref name="error"/> says why when the peer broke the rules.</summary>
    void OnClosed(Channel channel, string? error);

    /// <summary>The worker has ended as many requests as it may.</summary>
    void OnWorn(Worker worker);

    /// <summary>A line for the log.</summary>
    void OnLog(Channel channel, WorkerLogLevel level, string text);
}
