namespace Darter.Workers;

/// <summary>The life of a channel, seen from the front.</summary>
internal enum ChannelState : byte
{
    /// <summary>The worker has not said hello.</summary>
    Opening,

    /// <summary>The worker is loading the application.</summary>
    Loading,

    /// <summary>It takes requests.</summary>
    Ready,

    /// <summary>It finishes what it has and takes nothing new.</summary>
    Draining,

    /// <summary>Closed.</summary>
    Closed,
}
