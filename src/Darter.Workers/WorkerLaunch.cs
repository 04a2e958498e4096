using Microsoft.Win32.SafeHandles;

namespace Darter.Workers;

/// <summary>A worker process that was started, with the front's ends of its channels, or why it could not be.</summary>
internal sealed record WorkerLaunch
{
    internal WorkerProcess? Process { get; init; }

    internal IReadOnlyList<ChannelEnds> Channels { get; init; } = [];

    /// <summary>By which the worker is watched; null if it is not.</summary>
    internal WorkerWatch? Watch { get; init; }

    internal byte[] Token { get; init; } = [];

    /// <summary>Why it could not be started.</summary>
    internal string? Error { get; init; }

    /// <summary>Why there is nothing to start: the application, which was to be loaded before, did not load.</summary>
    internal string? LoadFailure { get; init; }
}

/// <summary>The front's end of a channel.</summary>
internal sealed record ChannelEnds(SafeFileHandle Socket, ClaimPage Claims);
