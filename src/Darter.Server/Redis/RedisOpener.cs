using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Darter.Server.Configuration;
using StackExchange.Redis;

namespace Darter.Server.Redis;

/// <summary>Makes connections to Redis, each of which is used until the first thing fails.</summary>
/// <param name="address">The server.</param>
/// <param name="connectTimeout">How long a connection may take to be made.</param>
/// <param name="answerTimeout">How long an answer may take.</param>
/// <param name="time">The clock.</param>
internal sealed class RedisOpener(RedisAddress address, TimeSpan connectTimeout, TimeSpan answerTimeout, TimeProvider time)
{
    private EndPoint Server => IPAddress.TryParse(address.Host, out IPAddress? ip) ? new IPEndPoint(ip, address.Port) : new DnsEndPoint(address.Host, address.Port);

    /// <summary>What went wrong, as one line for the operator.</summary>
    internal static string Explain(Exception exception) => ReasonOf(exception).ReplaceLineEndings(" ");

    /// <summary>Connects, and begins to work with the connection.</summary>
    /// <param name="begin">What is to be done with it first.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="IOException">It cannot be reached, or does not let us work; the message says why.</exception>
    internal async Task<T> OpenAsync<T>(Func<ConnectionMultiplexer, Task<T>> begin, CancellationToken cancellation)
    {
        await ProbeAsync(cancellation).ConfigureAwait(false);
        Task<ConnectionMultiplexer> connecting = ConnectionMultiplexer.ConnectAsync(Options());
        try
        {
            ConnectionMultiplexer connection = await connecting.WaitAsync(connectTimeout * 2, time, cancellation).ConfigureAwait(false);
            return await begin(connection).WaitAsync(answerTimeout * 3, time, cancellation).ConfigureAwait(false);
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
            await socket.ConnectAsync(Server, cancellation).AsTask().WaitAsync(connectTimeout, time, cancellation).ConfigureAwait(false);
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
            ConnectTimeout = (int)connectTimeout.TotalMilliseconds,
            AsyncTimeout = (int)answerTimeout.TotalMilliseconds,
            SyncTimeout = (int)answerTimeout.TotalMilliseconds,
            // Commands wait for the second connection, the one for what is pushed, but not for a new one.
            BacklogPolicy = new BacklogPolicy { QueueWhileDisconnected = true, AbortPendingOnConnectionFailure = true },
            ConfigurationChannel = "",
            TieBreaker = "",
            ClientName = "darter",
            Ssl = address.Tls,
            // As other clients of Redis do: certificates of private authorities have nowhere to ask.
            CheckCertificateRevocation = false,
            SslHost = address.Tls ? address.Host : null,
            User = address.User,
            Password = address.Password,
            DefaultDatabase = address.Database,
        };
        options.EndPoints.Add(Server);
        return options;
    }
}
