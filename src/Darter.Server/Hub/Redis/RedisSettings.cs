using Darter.Server.Configuration;

namespace Darter.Server.Hub.Redis;

/// <summary>How the hub uses Redis.</summary>
internal sealed record RedisSettings
{
    /// <summary>The server.</summary>
    internal required RedisAddress Address { get; init; }

    /// <summary>What all names in Redis begin with. Default: <c>darter:hub:</c>.</summary>
    internal string Prefix { get; init; } = "darter:hub:";

    /// <summary>How many items the stream of a channel keeps.</summary>
    internal required int Items { get; init; }

    /// <summary>How long the stream of a channel is kept after its last item.</summary>
    internal required TimeSpan Age { get; init; }

    /// <summary>How long a connection may take to be made.</summary>
    internal required TimeSpan ConnectTimeout { get; init; }

    /// <summary>How long an answer may take; after that the connection counts as lost.</summary>
    internal required TimeSpan AnswerTimeout { get; init; }

    /// <summary>How often it is checked whether an idle connection still works. Default: 5 s.</summary>
    internal TimeSpan CheckInterval { get; init; } = TimeSpan.FromSeconds(5);
}
