using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Tls;

/// <summary>
/// A request's stream. What the server writes is handed to the transport by the thread pool, under no lock of the server's: a flush
/// or the end of a response runs nothing of the transport, and hence ends at once, on whichever thread.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item>A flush never says that nobody reads, for the server would break the stream off within its locks. What comes after the
/// transport's end is dropped; the server hears of the end by the other ways it has: the stream's or the connection's closing.</item>
/// <item><see cref="ConnectionContext.Abort(ConnectionAbortedException)"/> goes to the transport at once. The server calls it with its
/// outermost lock, so that the transport may tell of the stream's end on the same thread, and it does not wait for the network.</item>
/// <item>The input is the transport's: it is read and ended under no lock of the server's.</item>
/// <item>Transport and server use their objects of a stream again for another one, each the other's, so this one is kept with them.</item>
/// </list>
/// </remarks>
internal sealed class DecoupledStream : StreamDecorator, IDisposable
{
    /// <summary>H3_REQUEST_CANCELLED (RFC 9114, section 8.1).</summary>
    private const long RequestCancelled = 0x10C;

    private static readonly object s_key = new();

    private Task _sending = Task.CompletedTask;

    private DecoupledStream(ConnectionContext stream)
        : base(stream)
    {
    }

    /// <inheritdoc/>
    public override PipeReader Input => Inner.Transport.Input;

    /// <inheritdoc/>
    public override PipeWriter Output => Pipe.Writer;

    /// <summary>That of a stream of the transport, which is new or used again.</summary>
    internal static DecoupledStream Of(ConnectionContext stream)
    {
        IDictionary<object, object?> kept = stream.Features.GetRequiredFeature<IPersistentStateFeature>().State;
        if (kept.TryGetValue(s_key, out object? before) && before is DecoupledStream decoupled)
        {
            decoupled.Pipe.Reset();
        }
        else
        {
            kept[s_key] = decoupled = new DecoupledStream(stream);
        }

        decoupled._sending = decoupled.SendAsync();
        return decoupled;
    }

    /// <summary>Waits until the transport has what was written. The rest is the thread pool's: the caller may be an event loop.</summary>
    public override async ValueTask DisposeAsync()
    {
        await Pipe.Writer.CompleteAsync().ConfigureAwait(false);
        await _sending.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>The server is done with the stream, and the transport may use it for another one.</summary>
    public void Dispose() => (Inner as IDisposable)?.Dispose();

    private async Task SendAsync()
    {
        PipeReader from = Pipe.Reader;
        PipeWriter to = Inner.Transport.Output;
        Exception? fault = null;
        try
        {
            bool isTaken = true;
            while (true)
            {
                ReadResult read = await from.ReadAsync().ConfigureAwait(false);
                if (isTaken)
                {
                    foreach (ReadOnlyMemory<byte> part in read.Buffer)
                    {
                        to.Write(part.Span);
                    }
                }

                from.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    // Not flushed: the end goes with the last of it.
                    break;
                }

                if (isTaken && !await FlushAsync(to).ConfigureAwait(false))
                {
                    // A client that stops the response may go on with the request, which nobody needs then.
                    isTaken = false;
                    Features.Get<IStreamAbortFeature>()?.AbortRead(RequestCancelled, new ConnectionAbortedException("The client does not take the response."));
                }
            }
        }
        catch (Exception exception)
        {
            // What the server ended its output with.
            fault = exception;
        }

        await from.CompleteAsync().ConfigureAwait(false);
        await to.CompleteAsync(fault).ConfigureAwait(false);
    }

    private static async ValueTask<bool> FlushAsync(PipeWriter to)
    {
        try
        {
            FlushResult flush = await to.FlushAsync().ConfigureAwait(false);
            return !flush.IsCompleted && !flush.IsCanceled;
        }
        catch (Exception)
        {
            // What the transport's sending ended with; it has logged it.
            return false;
        }
    }
}
