using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Darter.Server.Listeners;

/// <summary>
/// Lets one plain-text listener speak HTTP/1.1 and HTTP/2 with prior knowledge (RFC 9113, section 3.3): looks at the first
/// bytes of a connection, and where they are HTTP/2's preface declares the protocol as ALPN would have.
/// </summary>
internal sealed class Http2PriorKnowledge(ConnectionDelegate next, TimeSpan timeout)
{
    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <summary>The connection middleware.</summary>
    internal Task OnConnectionAsync(ConnectionContext connection)
    {
        ValueTask<ReadResult> read = connection.Transport.Input.ReadAsync();
        return read.IsCompletedSuccessfully && TryDecide(connection, read.Result) ? next(connection) : WaitAsync(connection, read);
    }

    private async Task WaitAsync(ConnectionContext connection, ValueTask<ReadResult> read)
    {
        bool decided;
        try
        {
            decided = await DecideAsync(connection, read).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The client left, or was never one: a probe of the port, say.
            return;
        }

        if (decided)
        {
            await next(connection).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until the protocol is known. False: the client said nothing in time, or the server stops.</summary>
    private async Task<bool> DecideAsync(ConnectionContext connection, ValueTask<ReadResult> read)
    {
        // The server's own timeouts begin with the protocol, and so does its care for connections when it stops; a client
        // that connects and says nothing is ours to end.
        PipeReader input = connection.Transport.Input;
        CancellationToken stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        using CancellationTokenRegistration registration = stopping.UnsafeRegister(static state => ((PipeReader)state!).CancelPendingRead(), input);
        using Timer timer = new(static state => ((PipeReader)state!).CancelPendingRead(), input, timeout, Timeout.InfiniteTimeSpan);
        while (true)
        {
            ReadResult result = read.IsCompletedSuccessfully ? read.Result : await read.ConfigureAwait(false);
            if (result.IsCanceled || (result.IsCompleted && result.Buffer.IsEmpty))
            {
                return false;
            }

            if (TryDecide(connection, result))
            {
                return true;
            }

            read = input.ReadAsync();
        }
    }

    /// <summary>Puts everything back for the protocol to read. False: the bytes are a beginning of the preface, more must come.</summary>
    private static bool TryDecide(ConnectionContext connection, in ReadResult result)
    {
        ReadOnlySequence<byte> buffer = result.Buffer;
        Span<byte> start = stackalloc byte[Preface.Length];
        int length = (int)Math.Min(buffer.Length, start.Length);
        buffer.Slice(0, length).CopyTo(start);

        bool matches = length > 0 && Preface.StartsWith(start[..length]);
        if (matches && length < Preface.Length && !result.IsCompleted)
        {
            connection.Transport.Input.AdvanceTo(buffer.Start, buffer.End);
            return false;
        }

        if (matches && length == Preface.Length)
        {
            Negotiated negotiated = new(connection.Features);
            connection.Features.Set<ITlsConnectionFeature>(negotiated);
            connection.Features.Set<ITlsApplicationProtocolFeature>(negotiated);
        }

        connection.Transport.Input.AdvanceTo(buffer.Start);
        return true;
    }

    /// <summary>
    /// The server takes HTTP/2 on a listener that speaks HTTP/1.1 too only from ALPN, hence with TLS. It asks once, for TLS
    /// and then for the protocol; with the second answer the pretence ends, so that nothing later takes the connection for
    /// an encrypted one.
    /// </summary>
    private sealed class Negotiated(IFeatureCollection features) : ITlsConnectionFeature, ITlsApplicationProtocolFeature
    {
        private static readonly byte[] Http2 = "h2"u8.ToArray();

        public X509Certificate2? ClientCertificate { get; set; }

        public ReadOnlyMemory<byte> ApplicationProtocol
        {
            get
            {
                features.Set<ITlsConnectionFeature>(null);
                features.Set<ITlsApplicationProtocolFeature>(null);
                return Http2;
            }
        }

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);
    }
}
