using Darter.Server.Redis;

namespace Darter.Server.Hub.Redis;

/// <summary>Connects to Redis.</summary>
internal sealed class RedisConnector(RedisSettings settings, string origin, TimeProvider time) : IStreamConnector
{
    private readonly RedisOpener _opener = new(settings.Address, settings.ConnectTimeout, settings.AnswerTimeout, time);

    /// <inheritdoc/>
    public string Name => settings.Address.ToString();

    /// <inheritdoc/>
    public Task<IStreamSession> ConnectAsync(Action<IStreamSession, StreamPush> pushed, CancellationToken cancellation) => _opener.OpenAsync<IStreamSession>(
        async connection =>
        {
            RedisSession session = new(connection, settings, origin, time);
            await session.BeginAsync(pushed).ConfigureAwait(false);
            return session;
        },
        cancellation);
}
