using Darter.Server.Configuration;
using Darter.Server.Control;
using Darter.Server.Tests.Applications;
using Darter.Testing;
using Darter.Testing.Http;
using Microsoft.Extensions.Logging;

namespace Darter.Server.Tests.Proxying;

/// <summary>The front with an upstream for all paths.</summary>
internal sealed class ProxyHarness : IAsyncDisposable
{
    private readonly FrontHarness _front;
    private readonly LineLog _log;

    private ProxyHarness(FrontHarness front, LineLog log)
    {
        _front = front;
        _log = log;
        Http = ServerClient.Create(front.Address, HttpProtocol.Http1);
    }

    public ServerAddress Address => _front.Address;

    public FrontServer Server => _front.Server;

    /// <summary>A client of HTTP/1.1.</summary>
    public HttpClient Http { get; }

    /// <summary>The lines of the operator's log.</summary>
    public IReadOnlyList<string> Log => _log.Lines;

    public static Task<ProxyHarness> StartAsync(params UpstreamDestination[] destinations) => StartAsync(new UpstreamConfig { Destinations = destinations });

    public static async Task<ProxyHarness> StartAsync(UpstreamConfig upstream, Func<ServerConfig, ServerConfig>? configure = null)
    {
        LineLog log = new();
        FrontHarness front = await FrontHarness.StartAsync(
            configure: config =>
            {
                config = config with { Upstreams = new Dictionary<string, UpstreamConfig> { ["shop"] = upstream }, UpstreamPaths = [new UpstreamPath("", "shop")] };
                return configure?.Invoke(config) ?? config;
            },
            loggers: log);
        return new ProxyHarness(front, log);
    }

    /// <summary>Changes the upstream as a reload does.</summary>
    public void Apply(UpstreamConfig upstream) => Server.ApplyUpstreams(new Dictionary<string, UpstreamConfig> { ["shop"] = upstream });

    /// <summary>The destinations as <c>darter status</c> shows them.</summary>
    public IReadOnlyList<DestinationStatus> Destinations => Server.DescribeUpstreams()![0].Destinations;

    /// <summary>Returns once a line of the log has this in it.</summary>
    public Task LoggedAsync(string text) =>
        Wait.Until(() => Log.Any(line => line.Contains(text, StringComparison.Ordinal)), () => $"'{text}' in the log:\n{string.Join('\n', Log)}");

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _front.DisposeAsync();
    }

    private sealed class LineLog : ILoggerFactory, ILogger
    {
        private readonly List<string> _lines = [];

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_lines)
                {
                    return [.. _lines];
                }
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
            // It owns nothing.
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lines)
            {
                _lines.Add($"{logLevel}: {formatter(state, exception)}{exception}");
            }
        }
    }
}
