namespace Darter.Server.Hub.Redis;

/// <summary>What Redis does with an item, as one step that nothing comes between.</summary>
internal static class RedisScript
{
    /// <summary>The answer of <see cref="Append"/> if an item that was sent before this one is missing.</summary>
    internal const string Missing = "DARTERMISSING an item that was sent before is missing, Redis has lost data";

    /// <summary>
    /// KEYS: the stream, and the number of this node's last item in it. ARGV: the topic, the channel, the node, the item's
    /// number, the number that must be there ("" for any), the item, how many items the stream keeps, for how many
    /// milliseconds, and for how many the number is kept. What is pushed begins with a line of these fields, so that the item itself may be any bytes.
    /// </summary>
    internal const string Append =
        $$"""
        local stored = redis.call('GET', KEYS[2])
        if stored and tonumber(stored) >= tonumber(ARGV[4]) then
            return false
        end
        if ARGV[5] ~= '' and stored ~= ARGV[5] then
            return redis.error_reply('{{Missing}}')
        end
        local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
        local previous = last[1] and last[1][1] or '0-0'
        local id = redis.call('XADD', KEYS[1], 'MAXLEN', ARGV[7], '*', 'n', ARGV[3], 's', ARGV[4], 'd', ARGV[6])
        redis.call('PEXPIRE', KEYS[1], ARGV[8])
        redis.call('SET', KEYS[2], ARGV[4], 'PX', ARGV[9])
        redis.call('PUBLISH', ARGV[1], id .. ' ' .. previous .. ' ' .. ARGV[3] .. ' ' .. ARGV[4] .. ' ' .. #ARGV[2] .. '\n' .. ARGV[2] .. ARGV[6])
        return id
        """;
}
