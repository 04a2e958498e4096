using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Darter.Server.Configuration;
using Microsoft.Extensions.Logging;

namespace Darter.Server.Proxying;

/// <summary>Looks names of destinations up, again and again, and says when they lead elsewhere.</summary>
internal sealed partial class AddressWatch : IDisposable
{
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve;
    private readonly Action _onChanged;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, IReadOnlyList<IPAddress>> _addresses = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _watched = new(StringComparer.OrdinalIgnoreCase);
    private volatile bool _isDisposed;

    /// <param name="resolve">Looks a name up.</param>
    /// <param name="onChanged">What to do when addresses have changed.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    internal AddressWatch(Func<string, CancellationToken, Task<IPAddress[]>> resolve, Action onChanged, TimeProvider time, ILogger logger)
    {
        _resolve = resolve;
        _onChanged = onChanged;
        _time = time;
        _logger = logger;
    }

    /// <summary>The addresses of a name; null: none are known yet.</summary>
    internal IReadOnlyList<IPAddress>? Find(string name) => _addresses.GetValueOrDefault(name);

    /// <summary>Watches the names of these upstreams, and no others any more.</summary>
    internal void Watch(IEnumerable<UpstreamConfig> upstreams)
    {
        Dictionary<string, TimeSpan> wanted = new(StringComparer.OrdinalIgnoreCase);
        foreach (UpstreamConfig upstream in upstreams)
        {
            foreach (string name in upstream.Destinations.Select(ClusterMap.NameOf).OfType<string>())
            {
                // One that is in two upstreams is looked up as often as the one that is in a hurry wants it; zero: once.
                bool isKnown = wanted.TryGetValue(name, out TimeSpan before);
                wanted[name] = !isKnown || before == TimeSpan.Zero || (upstream.ResolveInterval > TimeSpan.Zero && upstream.ResolveInterval < before)
                    ? upstream.ResolveInterval
                    : before;
            }
        }

        foreach (KeyValuePair<string, CancellationTokenSource> watched in _watched)
        {
            _watched.TryRemove(watched.Key, out _);
            watched.Value.Cancel();
            if (!wanted.ContainsKey(watched.Key))
            {
                _addresses.TryRemove(watched.Key, out _);
            }
        }

        foreach ((string name, TimeSpan interval) in wanted)
        {
            CancellationTokenSource end = new();
            _watched[name] = end;
            _ = WatchAsync(name, interval, end.Token);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isDisposed = true;
        foreach (CancellationTokenSource end in _watched.Values)
        {
            end.Cancel();
        }
    }

    private async Task WatchAsync(string name, TimeSpan interval, CancellationToken end)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            do
            {
                await LookUpAsync(name, end).ConfigureAwait(false);
                await Task.Delay(interval == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : interval, _time, end).ConfigureAwait(false);
            }
            while (!_isDisposed);
        }
        catch (OperationCanceledException)
        {
            // Nobody is interested any more.
        }
    }

    private async Task LookUpAsync(string name, CancellationToken end)
    {
        IPAddress[] found;
        try
        {
            found = await _resolve(name, end).ConfigureAwait(false);
        }
        catch (SocketException exception)
        {
            // Whatever leads there may live on; a failure of DNS must not take it away.
            Log.CannotResolve(_logger, name, exception.Message);
            return;
        }

        end.ThrowIfCancellationRequested();
        IReadOnlyList<IPAddress> addresses = [.. found.Distinct().OrderBy(address => address.ToString(), StringComparer.Ordinal)];
        if (addresses.Count == 0 || (Find(name) is { } known && known.SequenceEqual(addresses)))
        {
            return;
        }

        _addresses[name] = addresses;
        Log.Resolved(_logger, name, string.Join(", ", addresses));
        _onChanged();
    }

    private static partial class Log
    {
        [LoggerMessage(720, LogLevel.Information, "The host {Name} of an upstream has the addresses {Addresses}")]
        internal static partial void Resolved(ILogger logger, string name, string addresses);

        [LoggerMessage(721, LogLevel.Warning, "The host {Name} of an upstream cannot be looked up: {Error}; what is known of it stays")]
        internal static partial void CannotResolve(ILogger logger, string name, string error);
    }
}
