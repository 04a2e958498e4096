using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
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
        // The server's own timeouts begin with the protocol; a client that connects and says nothing is ours to end.
        PipeReader input = connection.Transport.Input;
        using (Timer timer = new(static state => ((PipeReader)state!).CancelPendingRead(), input, timeout, Timeout.InfiniteTimeSpan))
        {
            while (true)
            {
                ReadResult result = read.IsCompletedSuccessfully ? read.Result : await read.ConfigureAwait(false);
                if (result.IsCanceled || (result.IsCompleted && result.Buffer.IsEmpty))
                {
                    return;
                }

                if (TryDecide(connection, result))
                {
                    break;
                }

                read = input.ReadAsync();
            }
        }

        await next(connection).ConfigureAwait(false);
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
            connection.Features.Set<ITlsApplicationProtocolFeature>(new Http2Protocol());
        }

        connection.Transport.Input.AdvanceTo(buffer.Start);
        return true;
    }

    private sealed class Http2Protocol : ITlsApplicationProtocolFeature
    {
        public ReadOnlyMemory<byte> ApplicationProtocol { get; } = "h2"u8.ToArray();
    }
}
