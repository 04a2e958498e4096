namespace Darter.Server.Hub;

/// <summary>What the application wants done with its answer.</summary>
internal sealed record GripInstruct
{
    // Pushpin's, for everything that is to happen after a time and does not say which.
    private const int UsualSeconds = 55;

    private static readonly IReadOnlyDictionary<string, string> s_noMeta = new Dictionary<string, string>();

    /// <summary>GRIP's usual time.</summary>
    internal static TimeSpan UsualTime { get; } = TimeSpan.FromSeconds(UsualSeconds);

    /// <summary>How the connection is held.</summary>
    public GripHold Hold { get; init; }

    /// <summary>The channels.</summary>
    public IReadOnlyList<HubChannelRequest> Channels { get; init; } = [];

    /// <summary>With <see cref="GripHold.Response"/>: when the application's own answer is sent.</summary>
    public TimeSpan Timeout { get; init; } = UsualTime;

    /// <summary>With <see cref="GripHold.Stream"/>: what is sent so that the connection is seen to live; empty: nothing.</summary>
    public ReadOnlyMemory<byte> KeepAlive { get; init; }

    /// <summary>After which time it is sent.</summary>
    public TimeSpan KeepAliveTime { get; init; } = UsualTime;

    /// <summary>Whether it is sent each time, and not only when nothing else was.</summary>
    public bool KeepsAliveAlways { get; init; }

    /// <summary>What filters and presence know of the connection.</summary>
    public IReadOnlyDictionary<string, string> Meta { get; init; } = s_noMeta;

    /// <summary>Whether the oldest messages of a slow client are dropped, and not its connection.</summary>
    public bool DropsMessages { get; init; }
}
