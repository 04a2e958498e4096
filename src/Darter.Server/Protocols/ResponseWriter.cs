using System.IO.Pipelines;

namespace Darter.Server.Protocols;

/// <summary>The body of a response as the application writes it: the head goes before, and what must not be sent is dropped.</summary>
internal sealed class ResponseWriter(Exchange exchange) : PipeWriter
{
    private const int LeastScratch = 4096;

    private byte[] _scratch = [];

    /// <inheritdoc/>
    public override bool CanGetUnflushedBytes => exchange.Output.CanGetUnflushedBytes;

    /// <inheritdoc/>
    public override long UnflushedBytes => exchange.Output.UnflushedBytes;

    /// <inheritdoc/>
    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        exchange.Start();
        if (!exchange.IsBroken && !exchange.HasNoBody)
        {
            return exchange.Output.GetMemory(sizeHint);
        }

        if (_scratch.Length < Math.Max(sizeHint, 1))
        {
            _scratch = new byte[Math.Max(sizeHint, LeastScratch)];
        }

        return _scratch;
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <inheritdoc/>
    public override void Advance(int bytes)
    {
        if (!exchange.IsBroken && !exchange.HasNoBody)
        {
            exchange.Count(bytes);
            exchange.Output.Advance(bytes);
        }
    }

    /// <inheritdoc/>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        exchange.Start();
        return exchange.IsBroken
            ? new ValueTask<FlushResult>(new FlushResult(isCanceled: false, isCompleted: true))
            : exchange.Output.FlushAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override void CancelPendingFlush() => exchange.Output.CancelPendingFlush();

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null)
    {
        if (exception is not null)
        {
            exchange.Break();
        }
    }
}
