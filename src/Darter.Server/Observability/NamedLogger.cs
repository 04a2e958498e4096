using Microsoft.Extensions.Logging;

namespace Darter.Server.Observability;

/// <summary>Says of which application a line is.</summary>
/// <typeparam name="T">The category.</typeparam>
/// <param name="name">The application's name.</param>
/// <param name="logger">Where lines go.</param>
internal sealed class NamedLogger<T>(string name, ILogger<T> logger) : ILogger<T>
{
    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => logger.BeginScope(state);

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logger.IsEnabled(logLevel);

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        logger.Log(logLevel, eventId, state, exception, (said, failure) => $"{name}: {formatter(said, failure)}");
}
