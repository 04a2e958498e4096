using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using StackExchange.Redis;

namespace Darter.Server.Hub.Redis;

/// <summary>Connects to Redis.</summary>
internal sealed class RedisConnector(RedisSettings settings, string origin, TimeProvider time) : IStreamConnector
{
    /// <inheritdoc/>
    public string Name => settings.Address.ToString();

    private EndPoint Server => IPAddress.TryParse(settings.Address.Host, out IPAddress? address)
        ? new IPEndPoint(address, settings.Address.Port)
        : new DnsEndPoint(settings.Address.Host, settings.Address.Port);

    /// <inheritdoc/>
    public async Task<IStreamSession> ConnectAsync(Action<IStreamSession, StreamPush> pushed, CancellationToken cancellation)
    {
        await ProbeAsync(cancellation).ConfigureAwait(false);
        Task<ConnectionMultiplexer> connecting = ConnectionMultiplexer.ConnectAsync(Options());
        try
        {
            ConnectionMultiplexer connection = await connecting.WaitAsync(settings.ConnectTimeout * 2, time, cancellation).ConfigureAwait(false);
            RedisSession session = new(connection, settings, origin, time);
            await session.BeginAsync(pushed).WaitAsync(settings.AnswerTimeout * 3, time, cancellation).ConfigureAwait(false);
            return session;
        }
        catch (Exception exception)
        {
            _ = CloseAsync(connecting);
            cancellation.ThrowIfCancellationRequested();

            // Whatever it is, the next attempt may succeed, and the log has it.
            throw new IOException(Explain(exception), exception);
        }
    }

    // The library waits for the whole of its timeout if it is refused before it has begun to wait, as a machine where nothing
    // listens mostly does: then an attempt under way would keep a server from being noticed that is back. So it is asked first.
    private async Task ProbeAsync(CancellationToken cancellation)
    {
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(Server, cancellation).AsTask().WaitAsync(settings.ConnectTimeout, time, cancellation).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is SocketException or TimeoutException)
        {
            throw new IOException(Explain(exception), exception);
        }
    }

    // Also one that comes too late.
    private static async Task CloseAsync(Task<ConnectionMultiplexer> connecting)
    {
        try
        {
            await (await connecting.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or OperationCanceledException)
        {
            // It was never made; the caller was told why.
        }
    }

    /// <summary>What went wrong, as one line for the operator.</summary>
    internal static string Explain(Exception exception) => ReasonOf(exception).ReplaceLineEndings(" ");

    private static string ReasonOf(Exception exception) => exception switch
    {
        // The library calls both a failure of authentication.
        RedisConnectionException when CauseOf(exception) is { } tls => $"TLS: {tls.Message}",
        RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure } => "the user or password is refused",
        RedisConnectionException { InnerException: { } inner } when inner is not RedisException => inner.GetBaseException().Message,
        RedisTimeoutException or TimeoutException => "no answer in time",
        RedisConnectionException => "it cannot be connected to",
        _ => exception.Message,
    };

    private static AuthenticationException? CauseOf(Exception? exception)
    {
        while (exception is not null and not AuthenticationException)
        {
            exception = exception.InnerException;
        }

        return exception as AuthenticationException;
    }

    // The library's own reconnecting and retrying are not used: a session ends with the first failure, and the next one
    // begins with finding out what is there.
    private ConfigurationOptions Options()
    {
        ConfigurationOptions options = new()
        {
            AbortOnConnectFail = true,
            ConnectRetry = 0,
            ConnectTimeout = (int)settings.ConnectTimeout.TotalMilliseconds,
            AsyncTimeout = (int)settings.AnswerTimeout.TotalMilliseconds,
            SyncTimeout = (int)settings.AnswerTimeout.TotalMilliseconds,
            // Commands wait for the second connection, the one for what is pushed, but not for a new one.
            BacklogPolicy = new BacklogPolicy { QueueWhileDisconnected = true, AbortPendingOnConnectionFailure = true },
            ConfigurationChannel = "",
            TieBreaker = "",
            ClientName = "darter",
            Ssl = settings.Address.Tls,
            // As other clients of Redis do: certificates of private authorities have nowhere to ask.
            CheckCertificateRevocation = false,
            SslHost = settings.Address.Tls ? settings.Address.Host : null,
            User = settings.Address.User,
            Password = settings.Address.Password,
            DefaultDatabase = settings.Address.Database,
        };
        options.EndPoints.Add(Server);
        return options;
    }
}
