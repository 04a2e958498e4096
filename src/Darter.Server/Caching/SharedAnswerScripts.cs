namespace Darter.Server.Caching;

/// <summary>
/// What Redis does in one go. The time is Redis's, which all servers have in common; versions and numbers come of it, so that none comes
/// twice, even if Redis loses what it has.
/// </summary>
internal static class SharedAnswerScripts
{
    private const string Functions =
        """
        local function time()
            local now = redis.call('TIME')
            return string.format('%d%06d', tonumber(now[1]), tonumber(now[2]))
        end
        local function newest()
            return string.match(redis.call('LINDEX', KEYS[1], 0) or '', '^%d+')
        end
        local function purge(text, most)
            local number, last = time(), newest()
            if last and tonumber(last) >= tonumber(number) then number = string.format('%.0f', tonumber(last) + 1) end
            redis.call('LPUSH', KEYS[1], number .. '\n' .. text)
            redis.call('LTRIM', KEYS[1], 0, most)
            return number
        end

        """;

    /// <summary>
    /// Begins with a connection. KEYS: purges, run. ARGV: whether purges were missed, most purges, channel. A Redis that was started again
    /// may have forgotten purges, and remember answers that were purged; so may one that does not say when it was started.
    /// </summary>
    internal const string Begin = Functions +
        """
        local info = redis.pcall('INFO', 'server')
        local run = type(info) == 'string' and string.match(info, 'run_id:(%w+)') or time()
        if redis.call('GET', KEYS[2]) ~= run or ARGV[1] == '1' or not newest() then
            redis.call('SET', KEYS[2], run)
            purge('All\n', ARGV[2])
            redis.call('PUBLISH', ARGV[3], 'All\n')
        end
        return 1
        """;

    /// <summary>KEYS: purges, version, resource. ARGV: most purges. Gives the newest purge's number, the version, the time in microseconds, and the names of Vary.</summary>
    internal const string Fetch = Functions +
        """
        return {newest() or purge('All\n', ARGV[1]), redis.call('GET', KEYS[2]) or '0', time(), redis.call('HGET', KEYS[3], 'v')}
        """;

    /// <summary>KEYS: purges, version, resource. ARGV: number, version, names of Vary, variant, answer, milliseconds to keep it, most variants.</summary>
    internal const string Store = Functions +
        """
        if newest() ~= ARGV[1] or (redis.call('GET', KEYS[2]) or '0') ~= ARGV[2] then return 0 end
        if redis.call('HGET', KEYS[3], 'v') ~= ARGV[3] or redis.call('HLEN', KEYS[3]) > tonumber(ARGV[7]) then
            redis.call('DEL', KEYS[3])
            redis.call('HSET', KEYS[3], 'v', ARGV[3])
        end
        redis.call('HSET', KEYS[3], ARGV[4], ARGV[5])
        if redis.call('PTTL', KEYS[3]) < tonumber(ARGV[6]) then redis.call('PEXPIRE', KEYS[3], ARGV[6]) end
        return 1
        """;

    /// <summary>KEYS: purges. ARGV: purge, most purges, channel.</summary>
    internal const string Purge = Functions +
        """
        purge(ARGV[1], ARGV[2])
        redis.call('PUBLISH', ARGV[3], ARGV[1])
        return 1
        """;

    /// <summary>KEYS: purges, version, resource. ARGV: purge, milliseconds that the version is kept, channel.</summary>
    internal const string Change = Functions +
        """
        redis.call('SET', KEYS[2], time(), 'PX', ARGV[2])
        redis.call('DEL', KEYS[3])
        redis.call('PUBLISH', ARGV[3], ARGV[1])
        return 1
        """;
}
