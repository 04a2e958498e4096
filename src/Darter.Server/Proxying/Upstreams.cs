using System.Net;
using Darter.Server.Configuration;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;

namespace Darter.Server.Proxying;

/// <summary>The upstreams of a server, by name. They can be changed while requests run.</summary>
internal sealed class Upstreams : IDisposable
{
    private readonly ServerConfig _server;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly Lock _changing = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly AddressWatch _addresses;
    private volatile Dictionary<string, Upstream> _upstreams = new(StringComparer.OrdinalIgnoreCase);
    private Dictionary<string, UpstreamConfig> _wanted = new(StringComparer.OrdinalIgnoreCase);
    private ProxyEngine? _engine;
    private ProxySite? _site;
    private bool _isDisposed;

    /// <summary>Makes those of the settings.</summary>
    /// <param name="server">The front's settings.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">The operator's log.</param>
    /// <param name="resolve">Looks names up; null: the system does.</param>
    internal Upstreams(
        ServerConfig server, TimeProvider time, ILoggerFactory loggers, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        _server = server;
        _time = time;
        _loggers = loggers;
        _addresses = new AddressWatch(resolve ?? Dns.GetHostAddressesAsync, Refresh, time, loggers.CreateLogger<Upstream>());
        Apply(server.Upstreams);
    }

    /// <summary>All of them.</summary>
    internal IReadOnlyCollection<Upstream> All => _upstreams.Values;

    /// <summary>The one of this name, in whatever case, or null. It stays the same when its settings change.</summary>
    internal Upstream? Find(string name) => _upstreams.GetValueOrDefault(name);

    /// <summary>
    /// Has these upstreams from now on. Requests under way are finished where they are, and destinations that stay keep their
    /// connections, their health and what was counted.
    /// </summary>
    /// <exception cref="ArgumentException">They are not valid; nothing has changed.</exception>
    internal void Apply(IReadOnlyDictionary<string, UpstreamConfig> upstreams)
    {
        foreach ((string name, UpstreamConfig config) in upstreams)
        {
            if (config.Problems(name).FirstOrDefault() is { } problem)
            {
                throw new ArgumentException(problem, nameof(upstreams));
            }
        }

        lock (_changing)
        {
            if (_isDisposed || (upstreams.Count == 0 && _engine is null))
            {
                return;
            }

            _wanted = new Dictionary<string, UpstreamConfig>(upstreams, StringComparer.OrdinalIgnoreCase);
            StartEngine();
            Dictionary<string, Upstream> before = _upstreams;
            Dictionary<string, Upstream> now = new(StringComparer.OrdinalIgnoreCase);
            foreach ((string name, UpstreamConfig config) in _wanted)
            {
                now[name] = before.GetValueOrDefault(name) ?? new Upstream(name, config, _site!);
            }

            // YARP tells them of their destinations.
            _upstreams = now;
            UpdateEngine();
            foreach ((string name, Upstream upstream) in now)
            {
                upstream.Config = _wanted[name];
            }

            _addresses.Watch(_wanted.Values);
        }
    }

    /// <summary>Breaks WebSockets off, since the server stops.</summary>
    internal void EndWebSockets() => _stopping.Cancel();

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_changing)
        {
            if (!_isDisposed)
            {
                _isDisposed = true;
                _addresses.Dispose();
                foreach (Upstream upstream in _upstreams.Values)
                {
                    upstream.Cluster.Model.HttpClient.Dispose();
                }

                _engine?.Dispose();
                _stopping.Dispose();
            }
        }
    }

    private void StartEngine()
    {
        if (_engine is not null)
        {
            return;
        }

        _engine = new ProxyEngine([], name => _wanted[name], OnChanged, _time, _loggers);
        _site = new ProxySite
        {
            Config = _server,
            Time = _time,
            Logger = _loggers.CreateLogger<Upstream>(),
            Forwarder = _engine.Forwarder,
            Health = _engine.Health,
            Affinity = _engine.Affinity,
            Stopping = _stopping.Token,
            Fields = new ClientFields(_server),
        };
    }

    /// <summary>A host has other addresses.</summary>
    private void Refresh()
    {
        lock (_changing)
        {
            if (!_isDisposed)
            {
                UpdateEngine();
            }
        }
    }

    private void UpdateEngine()
    {
        ClusterConfig[] clusters = [.. _wanted.Select(entry => ClusterMap.Make(entry.Key, entry.Value, _addresses.Find))];
        _engine!.Update(clusters);
        foreach ((string name, Upstream upstream) in _upstreams)
        {
            upstream.Cluster = _engine.Find(name)!;
        }
    }

    private void OnChanged(string name, IReadOnlyList<DestinationState> all, IReadOnlyList<DestinationState> available)
    {
        if (_upstreams.TryGetValue(name, out Upstream? upstream))
        {
            upstream.OnChanged(all, available);
        }
    }
}
