using Microsoft.Extensions.Logging;

namespace Darter.Server.Tls;

/// <summary>
/// What the server logs with HTTP/3. When a client leaves between the writing and the flushing of a piece of a response, that piece
/// stays, and the server takes this for a fault of its own. It is none: what is left of a response to a client that is there,
/// <see cref="Http3Application{TContext}"/> flushes.
/// </summary>
/// <param name="loggers">The operator's log.</param>
internal sealed class Http3Logs(ILoggerFactory loggers) : ILoggerFactory
{
    private const string Category = "Microsoft.AspNetCore.Server.Kestrel";
    private const string Leftover = "Http3OutputProducer.ProcessDataWrites observed an unexpected state";

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName)
    {
        ILogger logger = loggers.CreateLogger(categoryName);
        return categoryName == Category ? new Filter(logger) : logger;
    }

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => loggers.AddProvider(provider);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private sealed class Filter(ILogger logger) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => logger.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logger.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Critical && exception is InvalidOperationException && exception.Message.StartsWith(Leftover, StringComparison.Ordinal))
            {
                logLevel = LogLevel.Debug;
            }

            logger.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
