using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Darter.Server.Tls;

/// <summary>A stream on which the client alone sends, with its settings perhaps: they pass a <see cref="SettingsFilter"/>.</summary>
internal sealed class FilteredStream : StreamDecorator
{
    private readonly Task _receiving;

    /// <param name="stream">The transport's.</param>
    internal FilteredStream(ConnectionContext stream)
        : base(stream) => _receiving = ReceiveAsync();

    /// <inheritdoc/>
    public override PipeReader Input => Pipe.Reader;

    /// <inheritdoc/>
    public override PipeWriter Output => Inner.Transport.Output;

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await Pipe.Reader.CompleteAsync().ConfigureAwait(false);
        Inner.Transport.Input.CancelPendingRead();
        await _receiving.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private async Task ReceiveAsync()
    {
        PipeReader from = Inner.Transport.Input;
        PipeWriter to = Pipe.Writer;
        Exception? fault = null;
        try
        {
            SettingsFilter filter = new();
            while (true)
            {
                ReadResult read = await from.ReadAsync().ConfigureAwait(false);
                foreach (ReadOnlyMemory<byte> part in read.Buffer)
                {
                    Span<byte> copy = to.GetSpan(part.Length)[..part.Length];
                    part.Span.CopyTo(copy);
                    filter.Apply(copy);
                    to.Advance(part.Length);
                }

                from.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted || read.IsCanceled || await to.FlushAsync().ConfigureAwait(false) is { IsCompleted: true })
                {
                    break;
                }
            }
        }
        catch (Exception exception)
        {
            // The client, or the connection, broke it off: for the server to see.
            fault = exception;
        }

        await to.CompleteAsync(fault).ConfigureAwait(false);
        await from.CompleteAsync().ConfigureAwait(false);
    }
}
