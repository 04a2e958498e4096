using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Darter.Server.SharedValues;

/// <summary>The values of a server, and what clients do with them.</summary>
internal sealed partial class ValueService : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly long _started;
    private readonly ITimer _clearing;

    /// <param name="store">Keeps them.</param>
    /// <param name="maxValue">Most bytes of a value.</param>
    /// <param name="version">The server's version.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The operator's log.</param>
    internal ValueService(IValueStore store, int maxValue, string version, TimeProvider time, ILogger logger)
    {
        Store = store;
        MaxValue = maxValue;
        Version = version.Length == 0 ? "0" : version;
        _time = time;
        _logger = logger;
        _started = time.GetTimestamp();
        _clearing = time.CreateTimer(_ => _ = Store.ClearAsync().AsTask(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Keeps the values.</summary>
    internal IValueStore Store { get; }

    /// <summary>Most bytes of a value.</summary>
    internal int MaxValue { get; }

    /// <summary>The server's version.</summary>
    internal string Version { get; }

    /// <summary>What is counted.</summary>
    internal ValueTotals Totals { get; } = new();

    /// <summary>The values of keys.</summary>
    internal async ValueTask<StoredValue?[]> GetAsync(MemcachedCommand command)
    {
        StoredValue?[] values = await Store.GetAsync(command.Keys, command.Exptime is { } exptime ? LifetimeOf(exptime) : null).ConfigureAwait(false);
        int hits = 0;
        foreach (StoredValue? value in values)
        {
            hits += value is null ? 0 : 1;
        }

        Totals.CountGets(values.Length, hits);
        return values;
    }

    /// <summary>Stores a value. Without data it is too large, and what was there is removed, since it is out of date.</summary>
    internal async ValueTask<StoreOutcome> StoreAsync(MemcachedCommand command, byte[]? data)
    {
        Totals.CountSet();
        StoreOutcome outcome = StoreOutcome.TooLarge;
        if (data is not null)
        {
            StoreOrder order = new(command.Mode, command.Flags, data, LifetimeOf(command.Exptime!.Value), command.Seen);
            outcome = await Store.StoreAsync(command.Keys[0], order).ConfigureAwait(false);
        }
        else if (command.Mode is StoreMode.Set or StoreMode.Replace or StoreMode.CompareAndSwap)
        {
            await Store.DeleteAsync(command.Keys[0]).ConfigureAwait(false);
        }

        if (outcome == StoreOutcome.TooLarge && Totals.CountTooLarge())
        {
            LogTooLarge(_logger, Math.Max(command.Length, data?.Length ?? 0));
        }

        return outcome;
    }

    /// <summary>Changes how long a value is kept.</summary>
    internal ValueTask<bool> TouchAsync(MemcachedCommand command) => Store.TouchAsync(command.Keys[0], LifetimeOf(command.Exptime!.Value));

    /// <summary>Removes all values, now or later. Of several times the latest that was said counts.</summary>
    internal ValueTask ClearAsync(long exptime)
    {
        if (exptime > 0 && LifetimeOf(exptime) is { IsOver: false, IsEndless: false } delay)
        {
            _clearing.Change(TimeSpan.FromMilliseconds(Math.Min(delay.Milliseconds, int.MaxValue)), Timeout.InfiniteTimeSpan);
            return ValueTask.CompletedTask;
        }

        _clearing.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        return Store.ClearAsync();
    }

    /// <summary>What memcached's <c>stats</c> tells, as far as there is something to tell.</summary>
    internal IEnumerable<(string Name, string Value)> Stats()
    {
        ValueReport report = Store.Report();
        yield return ("pid", Text(Environment.ProcessId));
        yield return ("uptime", Text((long)_time.GetElapsedTime(_started).TotalSeconds));
        yield return ("time", Text(_time.GetUtcNow().ToUnixTimeSeconds()));
        yield return ("version", Version);
        yield return ("curr_connections", Text(Totals.Open));
        yield return ("total_connections", Text(Totals.Connections));
        yield return ("cmd_get", Text(Totals.Gets));
        yield return ("cmd_set", Text(Totals.Sets));
        yield return ("get_hits", Text(Totals.Hits));
        yield return ("get_misses", Text(Totals.Gets - Totals.Hits));
        yield return ("bytes", Text(report.Bytes));
        yield return ("curr_items", Text(report.Values));
        yield return ("evictions", Text(report.Evicted));
        yield return ("limit_maxbytes", Text(report.Size));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _clearing.DisposeAsync().ConfigureAwait(false);
        if (Store is IAsyncDisposable store)
        {
            await store.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private Lifetime LifetimeOf(long exptime) => Lifetime.Of(exptime, _time.GetUtcNow());

    [LoggerMessage(430, LogLevel.Warning, "A value for the shared cache has {Bytes} bytes, which is more than is kept (--shared-cache-max-item, --shared-cache). Further ones are counted: darter status")]
    private static partial void LogTooLarge(ILogger logger, int bytes);
}
