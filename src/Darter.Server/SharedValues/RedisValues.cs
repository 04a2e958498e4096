using System.Text;
using Darter.Server.Redis;
using StackExchange.Redis;

namespace Darter.Server.SharedValues;

/// <summary>
/// Values in Redis, for the servers of several machines. Each is a hash: <c>d</c> the bytes, <c>f</c> the flags, <c>u</c> what
/// tells it apart. While Redis is away there are no values, and none are kept.
/// </summary>
internal sealed class RedisValues : IValueStore
{
    private const string Prefix = "darter:values:";
    private const int Page = 1000;

    private const string StoreScript =
        """
        local there = redis.call('EXISTS', KEYS[1]) == 1
        local mode = ARGV[1]
        if mode == 'Add' and there then return 'NotStored' end
        if (mode == 'Replace' or mode == 'Append' or mode == 'Prepend') and not there then return 'NotStored' end
        if mode == 'CompareAndSwap' then
            if not there then return 'NotFound' end
            if redis.call('HGET', KEYS[1], 'u') ~= ARGV[6] then return 'Exists' end
        end
        if mode == 'Append' or mode == 'Prepend' then
            local data = redis.call('HGET', KEYS[1], 'd')
            if #data + #ARGV[2] > tonumber(ARGV[7]) then return 'TooLarge' end
            redis.call('HSET', KEYS[1], 'd', mode == 'Append' and data .. ARGV[2] or ARGV[2] .. data, 'u', ARGV[4])
            return 'Stored'
        end
        redis.call('DEL', KEYS[1])
        if ARGV[5] ~= '0' then
            redis.call('HSET', KEYS[1], 'd', ARGV[2], 'f', ARGV[3], 'u', ARGV[4])
            if ARGV[5] ~= '-1' then redis.call('PEXPIRE', KEYS[1], ARGV[5]) end
        end
        return 'Stored'
        """;

    // Numbers of Lua have 53 bits, so Redis counts, and they stay texts here.
    private const string CountScript =
        """
        if redis.call('EXISTS', KEYS[1]) == 0 then return 'NotFound' end
        local data = redis.call('HGET', KEYS[1], 'd')
        local sign, digits = string.match(data, '^(-?)0*(%d+)$')
        if not sign or (ARGV[2] == '0' and sign == '-') then return 'NotANumber' end
        -- Redis takes no zeros before a number.
        if digits == '0' then sign = '' end
        if sign .. digits ~= data then redis.call('HSET', KEYS[1], 'd', sign .. digits) end
        local answer = redis.pcall('HINCRBY', KEYS[1], 'd', ARGV[1])
        if type(answer) == 'table' then return 'OutOfRange' end
        data = redis.call('HGET', KEYS[1], 'd')
        if ARGV[2] == '0' and string.sub(data, 1, 1) == '-' then
            data = '0'
            redis.call('HSET', KEYS[1], 'd', data)
        end
        redis.call('HSET', KEYS[1], 'u', ARGV[3])
        return data
        """;

    private readonly RedisLink _link;
    private readonly int _maxValue;

    /// <param name="link">The connection.</param>
    /// <param name="maxValue">Most bytes of a value.</param>
    internal RedisValues(RedisLink link, int maxValue)
    {
        _link = link;
        _maxValue = maxValue;
    }

    /// <inheritdoc/>
    public ValueTask<StoredValue?[]> GetAsync(IReadOnlyList<byte[]> keys, Lifetime? lifetime) => _link.AskAsync(
        async database =>
        {
            // Sent together; the answers come in their order.
            Task<RedisValue[]>[] asked = [.. keys.Select(key => database.HashGetAsync(Name(key), s_fields))];
            StoredValue?[] values = [.. (await Task.WhenAll(asked).ConfigureAwait(false)).Select(Read)];
            if (lifetime is { } time)
            {
                await Task.WhenAll(keys.Where((_, index) => values[index] is not null).Select(key => ExpireAsync(database, key, time))).ConfigureAwait(false);
            }

            return values;
        },
        new StoredValue?[keys.Count]);

    /// <inheritdoc/>
    public async ValueTask<StoreOutcome> StoreAsync(byte[] key, StoreOrder order)
    {
        if (order.Data.Length > _maxValue)
        {
            if (order.Mode is StoreMode.Set or StoreMode.Replace or StoreMode.CompareAndSwap)
            {
                // What is there is out of date.
                await DeleteAsync(key).ConfigureAwait(false);
            }

            return StoreOutcome.TooLarge;
        }

        RedisValue[] arguments = [order.Mode.ToString(), order.Data, order.Flags, NewUnique(), order.Lifetime.Milliseconds, Text(order.Seen), _maxValue];
        return await _link.AskAsync(
            async database => Enum.Parse<StoreOutcome>((string)(await database.ScriptEvaluateAsync(StoreScript, [Name(key)], arguments).ConfigureAwait(false))!),
            StoreOutcome.NotStored).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<(CountOutcome Outcome, byte[] Number)> CountAsync(byte[] key, CountStep step)
    {
        if (step.Amount > long.MaxValue)
        {
            return ValueTask.FromResult((CountOutcome.OutOfRange, Array.Empty<byte>()));
        }

        long amount = step.IsDown ? -(long)step.Amount : (long)step.Amount;
        RedisValue[] arguments = [amount, step.IsSigned ? "1" : "0", NewUnique()];
        return _link.AskAsync(
            async database =>
            {
                string answer = (string)(await database.ScriptEvaluateAsync(CountScript, [Name(key)], arguments).ConfigureAwait(false))!;
                return Enum.TryParse(answer, out CountOutcome outcome) && !char.IsAsciiDigit(answer[^1])
                    ? (outcome, [])
                    : (CountOutcome.Counted, Encoding.ASCII.GetBytes(answer));
            },
            (CountOutcome.NotFound, Array.Empty<byte>()));
    }

    /// <inheritdoc/>
    public ValueTask<bool> TouchAsync(byte[] key, Lifetime lifetime) => _link.AskAsync(database => ExpireAsync(database, key, lifetime), false);

    /// <inheritdoc/>
    public ValueTask<bool> DeleteAsync(byte[] key) => _link.AskAsync(database => database.KeyDeleteAsync(Name(key)), false);

    /// <inheritdoc/>
    public async ValueTask ClearAsync()
    {
        // A page at a time, so that each is answered in time and Redis serves others meanwhile.
        string cursor = "0";
        do
        {
            string from = cursor;
            cursor = await _link.AskAsync(
                async database =>
                {
                    RedisResult[] page = (RedisResult[])(await database.ExecuteAsync("SCAN", from, "MATCH", Prefix + "*", "COUNT", Page).ConfigureAwait(false))!;
                    RedisKey[] keys = (RedisKey[])page[1]!;
                    if (keys.Length > 0)
                    {
                        await database.KeyDeleteAsync(keys).ConfigureAwait(false);
                    }

                    return (string)page[0]!;
                },
                "0").ConfigureAwait(false);
        }
        while (cursor != "0");
    }

    /// <inheritdoc/>
    public ValueReport Report() => new(0, 0, 0, 0, 0, _link.State);

    private static readonly RedisValue[] s_fields = ["d", "f", "u"];

    private static RedisKey Name(byte[] key) => (RedisKey)(byte[])[.. "darter:values:"u8, .. key];

    private static RedisValue NewUnique() => Text((ulong)Random.Shared.NextInt64(1, long.MaxValue));

    private static RedisValue Text(ulong number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static StoredValue? Read(RedisValue[] fields) =>
        (byte[]?)fields[0] is { } data && fields[1].TryParse(out long flags) && ulong.TryParse((string?)fields[2], out ulong unique)
            ? new StoredValue((uint)flags, data, unique)
            : null;

    private static async Task<bool> ExpireAsync(IDatabase database, byte[] key, Lifetime lifetime)
    {
        if (lifetime.IsOver)
        {
            return await database.KeyDeleteAsync(Name(key)).ConfigureAwait(false);
        }

        // PERSIST says no also if there was no end.
        return lifetime.IsEndless
            ? await database.KeyPersistAsync(Name(key)).ConfigureAwait(false) || await database.KeyExistsAsync(Name(key)).ConfigureAwait(false)
            : await database.KeyExpireAsync(Name(key), TimeSpan.FromMilliseconds(lifetime.Milliseconds)).ConfigureAwait(false);
    }
}
