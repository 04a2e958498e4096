namespace Darter.Server.Hub.Redis;

/// <summary>What bounds the memory and the time of sharing items.</summary>
internal sealed record StreamLimits
{
    /// <summary>How many of its own items a node keeps for each channel, to send them again if the streams have lost them.</summary>
    internal required int Items { get; init; }

    /// <summary>How long it keeps them, and what it knows of a channel that nobody uses.</summary>
    internal required TimeSpan Age { get; init; }

    /// <summary>How long it is known which items are in a stream already: longer than any node keeps them.</summary>
    internal TimeSpan Remembered => RememberedFor(Age);

    /// <summary>How many bytes of its own items a node keeps in all. Default: 64 MiB.</summary>
    internal long Bytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Of how many channels it knows something. Default: 200,000.</summary>
    internal int Channels { get; init; } = 200_000;

    /// <summary>How long a publisher, or a subscriber that comes, waits for the streams.</summary>
    internal required TimeSpan AnswerTimeout { get; init; }

    /// <summary>How long it waits after the first attempt to connect that failed; doubles with each. Default: 100 ms.</summary>
    internal TimeSpan RetryAfter { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait between attempts. Default: 5 s.</summary>
    internal TimeSpan RetryAtMost { get; init; } = TimeSpan.FromSeconds(5);

    /// <inheritdoc cref="Remembered"/>
    internal static TimeSpan RememberedFor(TimeSpan age) => (age * 2) + TimeSpan.FromMinutes(1);
}
