using System.ComponentModel;
using System.Net.Sockets;
using Darter.Server.Configuration;
using Darter.Server.Observability;
using Darter.Transport;
using Microsoft.AspNetCore.Connections;
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
    private readonly EpollTransportFactory _transport;
    private UnixDomainSocketEndPoint? _named;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private KestrelServer? _server;

    /// <param name="config">Where it listens.</param>
    /// <param name="control">What is controlled.</param>
    /// <param name="health">How that is.</param>
    /// <param name="loops">Whose threads serve it.</param>
    /// <param name="transport">That of the server, which hands its sockets over at an upgrade: for a socket that was named.</param>
    /// <param name="loggers">Get what goes wrong.</param>
    internal ControlServer(
        ControlConfig config, IServerControl control, ServerHealth health, EventLoopGroup loops, EpollTransportFactory transport, ILoggerFactory loggers)
    {
        _config = config;
        _loops = loops;
        _transport = transport;
        _loggers = loggers;
        _logger = loggers.CreateLogger<ControlServer>();
        _application = new ControlApplication(config, control, health, _logger);
    }

    /// <summary>The socket's path while it listens.</summary>
    internal string? Path { get; private set; }

    /// <summary>Uses a socket of the front before this one, if it is the one that was named.</summary>
    internal bool TryTakeOver(string path, int descriptor)
    {
        if (path != _config.Path)
        {
            return false;
        }

        _named = new UnixDomainSocketEndPoint(path);
        _transport.TakeOver(_named, descriptor);
        return true;
    }

    /// <summary>Listens. A socket that nobody named and that cannot be had is done without, with a line in the log.</summary>
    /// <exception cref="IOException">The socket that was named cannot be listened at.</exception>
    internal async Task StartAsync()
    {
        try
        {
            UnixDomainSocketEndPoint endPoint = _config.Path is null ? new UnixDomainSocketEndPoint(ControlFolder.Prepare()) : _named ??= OpenNamed(_config.Path);
            await ListenAsync(endPoint).ConfigureAwait(false);
            Path = endPoint.ToString();
            LogListening(_logger, Path);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ArgumentException or AddressInUseException or Win32Exception)
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

    private UnixDomainSocketEndPoint OpenNamed(string path)
    {
        UnixDomainSocketEndPoint endPoint = new(path);
        _transport.Open(endPoint, new UnixSocketAccess(_config.Mode));
        return endPoint;
    }

    private Task ListenAsync(UnixDomainSocketEndPoint endPoint)
    {
        KestrelServerOptions options = new() { AddServerHeader = false };
        options.Limits.MaxRequestBodySize = MaxBody;
        options.Limits.MinResponseDataRate = null;
        options.Listen(endPoint, listener => listener.Protocols = HttpProtocols.Http1);
        EpollTransportFactory transport = ReferenceEquals(endPoint, _named)
            ? _transport
            : new EpollTransportFactory(_loops, new EpollTransportOptions { Backlog = 64, UnixSocketMode = _config.Mode }, _loggers);
        _server = new KestrelServer(Options.Create(options), transport, _loggers);
        return _server.StartAsync<IFeatureCollection>(_application, CancellationToken.None);
    }

    [LoggerMessage(411, LogLevel.Debug, "Control socket: {Path}")]
    private static partial void LogListening(ILogger logger, string path);

    [LoggerMessage(412, LogLevel.Warning, "There is no control socket, so darter status and the like do not find this server: {Reason}. Name one with --control-socket, or do without with --no-control-socket.")]
    private static partial void LogNoSocket(ILogger logger, string reason);
}
