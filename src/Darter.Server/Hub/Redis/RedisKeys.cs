using System.Text;
using StackExchange.Redis;

namespace Darter.Server.Hub.Redis;

/// <summary>The names that the hub uses in Redis. What belongs to a channel hashes into one slot of a cluster, whatever its name.</summary>
internal sealed class RedisKeys(string prefix, int database)
{
    /// <summary>The topic under which items are told to all nodes. Topics know no databases, so the number is part of it.</summary>
    internal RedisChannel Topic { get; } = RedisChannel.Literal($"{prefix}items@{database}");

    /// <summary>The stream of a channel.</summary>
    internal RedisKey Stream(string channel) => Encoding.UTF8.GetBytes($"{prefix}{{channel:{channel}}}:stream");

    /// <summary>The number of the last item of a node in the stream of a channel.</summary>
    internal RedisKey Stored(string channel, string origin) => Encoding.UTF8.GetBytes($"{prefix}{{channel:{channel}}}:stored:{origin}");

    /// <summary>Shows that a node lives.</summary>
    internal RedisKey Node(string origin) => $"{prefix}node:{origin}";
}
