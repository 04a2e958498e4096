using System.Net.Sockets;
using Darter.Server.Configuration;
using Darter.Server.Control;
using Darter.Server.Redis;
using Darter.Server.SharedValues;
using Darter.Transport;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Darter.Server;

/// <summary>The values that workers share.</summary>
public sealed partial class FrontServer
{
    // The workers', and whatever else the user runs that inherits it: a new front, too (USR2), which takes DARTER_ and the name of
    // an option for a setting, so that it must not be one.
    private const string ValuesVariable = "DARTER_VALUES";

    private readonly RedisLink? _cacheRedis;
    private ValueService? _values;
    private ValueServer? _valuesOwn;
    private ValueServer? _valuesBound;

    private IEnumerable<BindAddress> ValuesBinds => _config.SharedCache is { IsOn: true, Bind: { } bind } ? [bind] : [];

    /// <summary>Listens where values are asked for, before there are workers: they are told where that is.</summary>
    /// <exception cref="IOException">The address of --shared-cache-bind cannot be listened at.</exception>
    private async Task StartValuesAsync()
    {
        SharedCacheConfig config = _config.SharedCache;
        _cacheRedis?.Start();
        if (!config.IsOn)
        {
            return;
        }

        ILogger logger = _loggers.CreateLogger<ValueService>();
        _values = new ValueService(CreateValueStore(config), config.MaxItem, Version, TimeProvider.System, logger);
        await StartOwnValuesAsync(_values).ConfigureAwait(false);
        if (config.Bind is { } bind)
        {
            _valuesBound = new ValueServer(bind.EndPoints, _transport, _values, _loggers);
            try
            {
                await _valuesBound.StartAsync().ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is SocketException or IOException)
            {
                throw new IOException($"--shared-cache-bind: cannot listen at {bind.Text}: {exception.Message}", exception);
            }

            foreach (string address in _valuesBound.Addresses)
            {
                LogValuesAt(_logger, address);
            }
        }
    }

    private RedisLink? CreateCacheRedis(ServerConfig config) => config.CacheRedis is { } address && (config.SharedCache.IsOn || _cache is not null)
        ? new RedisLink(address, TimeProvider.System, _loggers.CreateLogger<RedisLink>())
        : null;

    private IValueStore CreateValueStore(SharedCacheConfig config) =>
        _cacheRedis is { } link ? new RedisValues(link, config.MaxItem) : new MemoryValues(config.Size, config.MaxItem, TimeProvider.System);

    private async Task StartOwnValuesAsync(ValueService values)
    {
        try
        {
            string path = PrepareSocket(ControlFolder.PrepareValues, out WorkerGate? gate, out UnixFileMode mode);
            EpollTransportFactory transport = new(_loops, new EpollTransportOptions { UnixSocketMode = mode }, _loggers);
            _valuesOwn = new ValueServer([new UnixDomainSocketEndPoint(path)], transport, values, _loggers, gate);
            await _valuesOwn.StartAsync().ConfigureAwait(false);
            Environment.SetEnvironmentVariable(ValuesVariable, $"unix:{path}");
        }
        catch (Exception exception) when (exception is IOException or SocketException or ArgumentException or AddressInUseException)
        {
            _valuesOwn?.Dispose();
            _valuesOwn = null;
            // The front before this one may have left its own.
            Environment.SetEnvironmentVariable(ValuesVariable, null);
            LogNoValues(_logger, exception.Message);
        }
    }

    private async Task StopValuesAsync()
    {
        if (_valuesBound is not null)
        {
            await _valuesBound.StopAsync().ConfigureAwait(false);
        }

        if (_valuesOwn is not null)
        {
            await _valuesOwn.StopAsync().ConfigureAwait(false);
        }

        if (_values is not null)
        {
            await _values.DisposeAsync().ConfigureAwait(false);
        }

        if (_cacheRedis is not null)
        {
            await _cacheRedis.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void DisposeValues()
    {
        _valuesBound?.Dispose();
        _valuesOwn?.Dispose();
    }

    private SharedCacheStatus? DescribeValues()
    {
        if (_values is not { } values)
        {
            return null;
        }

        ValueReport report = values.Store.Report();
        ValueTotals totals = values.Totals;
        string[] addresses = [.. _valuesOwn?.Addresses ?? [], .. _valuesBound?.Addresses ?? []];
        return new SharedCacheStatus(
            report.Size,
            report.Bytes,
            report.Values,
            totals.Gets,
            totals.Hits,
            totals.Sets,
            report.Evicted,
            report.Expired,
            totals.TooLarge,
            totals.Open,
            addresses,
            report.Backend);
    }

    [LoggerMessage(431, LogLevel.Information, "Shared cache at: {Address} (--shared-cache-bind)")]
    private static partial void LogValuesAt(ILogger logger, string address);

    [LoggerMessage(432, LogLevel.Warning, "There is no socket for the workers' shared cache, so darter.cache fails: {Reason}. Do without with --shared-cache 0, or see XDG_RUNTIME_DIR.")]
    private static partial void LogNoValues(ILogger logger, string reason);
}
