using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Darter.Server.Configuration;
using Darter.Server.Proxies;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;

namespace Darter.Server.Listeners;

/// <summary>
/// Takes a header of the PROXY protocol from the beginning of a connection, and gives the connection the addresses that it
/// names. A connection without one goes on as it is, as in Gunicorn; one that has one and may not, or that is malformed, is
/// closed.
/// </summary>
internal sealed partial class ProxyProtocolMiddleware(ConnectionDelegate next, ProxyConfig config, TimeSpan timeout, ILogger logger)
{
    /// <summary>The connection middleware.</summary>
    internal async Task OnConnectionAsync(ConnectionContext connection)
    {
        bool goesOn;
        try
        {
            goesOn = await ReadAsync(connection).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The client left, or was never one: a probe of the port, say.
            return;
        }

        if (goesOn)
        {
            await next(connection).ConfigureAwait(false);
        }
    }

    private async Task<bool> ReadAsync(ConnectionContext connection)
    {
        PipeReader input = connection.Transport.Input;
        CancellationToken stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        using CancellationTokenRegistration registration = stopping.UnsafeRegister(static state => ((PipeReader)state!).CancelPendingRead(), input);
        using Timer timer = new(static state => ((PipeReader)state!).CancelPendingRead(), input, timeout, Timeout.InfiniteTimeSpan);
        while (true)
        {
            ReadResult result = await input.ReadAsync().ConfigureAwait(false);
            ReadOnlySequence<byte> buffer = result.Buffer;
            if (result.IsCanceled || (result.IsCompleted && buffer.IsEmpty))
            {
                return false;
            }

            ProxyHeaderStatus status = Read(buffer, out ProxyHeader header);
            if (status == ProxyHeaderStatus.NeedMore && !result.IsCompleted)
            {
                input.AdvanceTo(buffer.Start, buffer.End);
                continue;
            }

            if (status == ProxyHeaderStatus.Complete && IsTrusted(connection))
            {
                input.AdvanceTo(buffer.GetPosition(header.Length));
                Apply(connection, header);
                return true;
            }

            // Everything is still there for whoever reads next.
            input.AdvanceTo(buffer.Start);
            if (status == ProxyHeaderStatus.Complete)
            {
                NotAllowed(logger, PeerOf(connection));
                return false;
            }

            if (status == ProxyHeaderStatus.Malformed)
            {
                Malformed(logger, PeerOf(connection));
                return false;
            }

            return true;
        }
    }

    private ProxyHeaderStatus Read(ReadOnlySequence<byte> buffer, out ProxyHeader header) =>
        ProxyHeader.TryRead(buffer.IsSingleSegment ? buffer.FirstSpan : buffer.ToArray(), config.Protocol, out header);

    private bool IsTrusted(ConnectionContext connection) =>
        connection.RemoteEndPoint is not IPEndPoint peer || config.ProtocolPeers.Contains(peer.Address);

    private static void Apply(ConnectionContext connection, in ProxyHeader header)
    {
        if (header.Client is null)
        {
            return;
        }

        connection.RemoteEndPoint = header.Client;
        connection.LocalEndPoint = header.Server;
        connection.Features.Set(ProxiedConnection.Instance);
    }

    private static string PeerOf(ConnectionContext connection) => connection.RemoteEndPoint?.ToString() ?? "a Unix socket";

    [LoggerMessage(10, LogLevel.Warning, "A connection from {Peer} is closed, since it begins with a PROXY protocol header and --proxy-allow-from does not have its address")]
    private static partial void NotAllowed(ILogger logger, string peer);

    [LoggerMessage(11, LogLevel.Warning, "A connection from {Peer} is closed, since its PROXY protocol header is malformed (--proxy-protocol)")]
    private static partial void Malformed(ILogger logger, string peer);
}
