using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Darter.Server.Observability;

/// <summary>Writes what the front logs to the error log, one line an event.</summary>
public sealed class LineLoggerProvider(ErrorLog log, LogLevel minimum) : ILoggerProvider
{
    private readonly ConcurrentDictionary<string, LineLogger> _loggers = new();

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => _loggers.GetOrAdd(categoryName, static (name, provider) => new LineLogger(provider, name), this);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private sealed class LineLogger(LineLoggerProvider provider, string category) : ILogger
    {
        // The libraries' own chatter is for those who ask for it.
        private readonly LogLevel _minimum = category.StartsWith("Darter", StringComparison.Ordinal) || provider.Minimum <= LogLevel.Debug
            ? provider.Minimum
            : (LogLevel)Math.Max((int)provider.Minimum, (int)LogLevel.Warning);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= _minimum && logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                provider.Log.Write(logLevel, category, formatter(state, exception), exception);
            }
        }
    }

    private ErrorLog Log => log;

    private LogLevel Minimum => minimum;
}
