using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Darter.Server.Observability;

/// <summary>
/// Writes the front's log to standard error, one line an event, as Gunicorn's users know it:
/// <c>[2026-11-24 10:02:03 +0000] [4711] [INFO] Listening at: http://127.0.0.1:8000 (4711)</c>.
/// </summary>
public sealed class LineLoggerProvider(TextWriter writer, LogLevel minimum, TimeProvider time) : ILoggerProvider
{
    private readonly ConcurrentDictionary<string, LineLogger> _loggers = new();
    private readonly Lock _lock = new();

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => _loggers.GetOrAdd(categoryName, static (name, provider) => new LineLogger(provider, name), this);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private void Write(LogLevel level, string text)
    {
        DateTimeOffset now = time.GetLocalNow();
        string offset = now.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal);
        string line = string.Create(CultureInfo.InvariantCulture, $"[{now:yyyy-MM-dd HH:mm:ss} {offset}] [{Environment.ProcessId}] [{NameOf(level)}] {text}");
        lock (_lock)
        {
            try
            {
                writer.WriteLine(line);
                writer.Flush();
            }
            catch (IOException)
            {
                // A closed terminal or a full disk must not stop the server.
            }
        }
    }

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "DEBUG",
        LogLevel.Information => "INFO",
        LogLevel.Warning => "WARNING",
        LogLevel.Error => "ERROR",
        _ => "CRITICAL",
    };

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
                string text = formatter(state, exception);
                provider.Write(logLevel, exception is null ? text : $"{text}{Environment.NewLine}{exception}");
            }
        }
    }

    private LogLevel Minimum => minimum;
}
