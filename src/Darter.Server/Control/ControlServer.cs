using System.Net.Sockets;
using Darter.Server.Configuration;
using Darter.Server.Observability;
using Darter.Transport;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Darter.Server.Control;

/// <summary>The control socket: HTTP over a Unix socket, for the server's own user.</summary>
internal sealed partial class ControlServer : IDisposable
{
    private const int MaxBody = 64 * 1024;

    // What is asked is answered at once, but for a reload, which ends when the server stops.
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(1);

    private readonly ControlConfig _config;
    private readonly ControlApplication _application;
    private readonly EventLoopGroup _loops;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private KestrelServer? _server;

    internal ControlServer(ControlConfig config, IServerControl control, ServerHealth health, EventLoopGroup loops, ILoggerFactory loggers)
    {
        _config = config;
        _loops = loops;
        _loggers = loggers;
        _logger = loggers.CreateLogger<ControlServer>();
        _application = new ControlApplication(config, control, health, _logger);
    }

    /// <summary>The socket's path while it listens.</summary>
    internal string? Path { get; private set; }

    /// <summary>Listens. A socket that nobody named and that cannot be had is done without, with a line in the log.</summary>
    /// <exception cref="IOException">The socket that was named cannot be listened at.</exception>
    internal async Task StartAsync()
    {
        try
        {
            string path = _config.Path ?? ControlFolder.Prepare();
            await ListenAsync(path).ConfigureAwait(false);
            Path = path;
            LogListening(_logger, path);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ArgumentException)
        {
            if (_config.Path is { } named)
            {
                throw new IOException($"--control-socket: cannot listen at '{named}': {exception.Message}", exception);
            }

            LogNoSocket(_logger, exception.Message);
        }
    }

    /// <summary>Answers what was asked, listens no more and removes the socket.</summary>
    internal async Task StopAsync()
    {
        if (_server is not null)
        {
            Path = null;
            using CancellationTokenSource source = new(StopTime);
            await _server.StopAsync(source.Token).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _server?.Dispose();

    private Task ListenAsync(string path)
    {
        KestrelServerOptions options = new() { AddServerHeader = false };
        options.Limits.MaxRequestBodySize = MaxBody;
        options.Limits.MinResponseDataRate = null;
        options.ListenUnixSocket(path, listener => listener.Protocols = HttpProtocols.Http1);
        EpollTransportFactory transport = new(_loops, new EpollTransportOptions { Backlog = 64, UnixSocketMode = _config.Mode }, _loggers);
        _server = new KestrelServer(Options.Create(options), transport, _loggers);
        return _server.StartAsync<IFeatureCollection>(_application, CancellationToken.None);
    }

    [LoggerMessage(411, LogLevel.Debug, "Control socket: {Path}")]
    private static partial void LogListening(ILogger logger, string path);

    [LoggerMessage(412, LogLevel.Warning, "There is no control socket, so darter status and the like do not find this server: {Reason}. Name one with --control-socket, or do without with --no-control-socket.")]
    private static partial void LogNoSocket(ILogger logger, string reason);
}
