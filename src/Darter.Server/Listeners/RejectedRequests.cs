using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Darter.Server.Observability;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Darter.Server.Listeners;

/// <summary>
/// Logs what the HTTP server's parser refuses (400, 408, 414, 431 ...), of which the application never hears. The server tells
/// of it in its own log only, with the connection's id and the exception that has the status.
/// </summary>
internal sealed class RejectedRequests : ILoggerFactory
{
    private const string Category = "Microsoft.AspNetCore.Server.Kestrel.BadRequests";
    private const string ConnectionIdKey = "ConnectionId";

    private static readonly HttpResponseFeature NoResponse = new();

    private readonly ConcurrentDictionary<string, ConnectionContext> _connections = new();
    private readonly ServerLogs _logs;
    private readonly ILoggerFactory _loggers;

    /// <param name="logs">Where lines go.</param>
    /// <param name="loggers">What the server would log to.</param>
    internal RejectedRequests(ServerLogs logs, ILoggerFactory loggers)
    {
        _logs = logs;
        _loggers = loggers;
    }

    /// <summary>The connection middleware.</summary>
    internal ConnectionDelegate Watch(ConnectionDelegate next) => async connection =>
    {
        connection.Features.Set(new ConnectionActivity());
        _connections[connection.ConnectionId] = connection;
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            _connections.TryRemove(connection.ConnectionId, out _);
        }
    };

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName)
    {
        ILogger logger = _loggers.CreateLogger(categoryName);
        return categoryName == Category ? new Listener(this, logger) : logger;
    }

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => _loggers.AddProvider(provider);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private void OnRejected(object? state, int status)
    {
        if (state is not IEnumerable<KeyValuePair<string, object?>> values
            || values.FirstOrDefault(value => value.Key == ConnectionIdKey).Value is not string id
            || !_connections.TryGetValue(id, out ConnectionContext? connection)
            || connection.Features.Get<ConnectionActivity>() is not { IsBusy: false })
        {
            return;
        }

        _logs.Statsd?.Request(status, TimeSpan.Zero);
        IPEndPoint? client = connection.RemoteEndPoint as IPEndPoint;
        IPEndPoint? server = connection.LocalEndPoint as IPEndPoint;
        _logs.Access?.Write(new RequestRecord
        {
            Request = new HttpRequestFeature { Method = "-" },
            Response = NoResponse,
            Status = status,
            End = RequestEnd.Complete,
            Bytes = 0,
            Duration = 0,
            Queued = -1,
            ClientHost = Encoding.ASCII.GetBytes(client?.Address.ToString() ?? ""),
            ClientPort = (ushort)(client?.Port ?? 0),
            ServerHost = Encoding.ASCII.GetBytes(server?.Address.ToString() ?? ""),
            ServerPort = (ushort)(server?.Port ?? 0),
            IsHttps = false,
            ProcessId = Environment.ProcessId,
            Id = null,
        });
    }

    private sealed class Listener(RejectedRequests rejections, ILogger logger) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => logger.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Debug;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (exception is BadHttpRequestException rejected)
            {
                rejections.OnRejected(state, rejected.StatusCode);
            }

            if (logger.IsEnabled(logLevel))
            {
                logger.Log(logLevel, eventId, state, exception, formatter);
            }
        }
    }
}
