using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Darter.Server.Tls;

/// <summary>
/// Looks at the ClientHello before the handshake does: of what is in it .NET tells only the name. Sets the connection's
/// <see cref="ClientHello"/>, unless there is none or nobody wants to know.
/// </summary>
/// <param name="next">The handshake.</param>
/// <param name="isWanted">Whether anything depends on it at present.</param>
internal sealed class ClientHelloPeek(ConnectionDelegate next, Func<bool> isWanted)
{
    // As long as the HTTP server gives the handshake itself.
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    /// <summary>The connection middleware.</summary>
    internal Task OnConnectionAsync(ConnectionContext connection)
    {
        if (!isWanted())
        {
            return next(connection);
        }

        ValueTask<ReadResult> read = connection.Transport.Input.ReadAsync();
        if (read.IsCompletedSuccessfully)
        {
            if (TryDecide(connection, read.Result))
            {
                return next(connection);
            }

            read = connection.Transport.Input.ReadAsync();
        }

        return WaitAsync(connection, read);
    }

    private async Task WaitAsync(ConnectionContext connection, ValueTask<ReadResult> read)
    {
        PipeReader input = connection.Transport.Input;
        bool isDecided = false;
        try
        {
            CancellationToken stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
            using CancellationTokenRegistration registration = stopping.UnsafeRegister(static state => ((PipeReader)state!).CancelPendingRead(), input);
            using Timer timer = new(static state => ((PipeReader)state!).CancelPendingRead(), input, s_timeout, Timeout.InfiniteTimeSpan);
            while (!isDecided)
            {
                ReadResult result = await read.ConfigureAwait(false);
                if (result.IsCanceled || (result.IsCompleted && result.Buffer.IsEmpty))
                {
                    return;
                }

                isDecided = TryDecide(connection, result);
                read = isDecided ? default : input.ReadAsync();
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The client left, or was never one: a probe of the port, say.
            return;
        }

        await next(connection).ConfigureAwait(false);
    }

    /// <summary>Puts everything back for the handshake to read. False: more must come.</summary>
    private static bool TryDecide(ConnectionContext connection, in ReadResult result)
    {
        if (ClientHello.Read(result.Buffer, out ClientHello? hello) == ClientHelloReading.Incomplete && !result.IsCompleted)
        {
            connection.Transport.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            return false;
        }

        if (hello is not null)
        {
            connection.Features.Set(hello);
        }

        connection.Transport.Input.AdvanceTo(result.Buffer.Start);
        return true;
    }
}
