using System.Buffers;
using System.IO.Compression;

namespace Darter.Server.Compression;

/// <summary>Brotli (RFC 7932).</summary>
internal sealed class BrotliBodyEncoder : BodyEncoder
{
    // Of the qualities that keep up with a server's answers the one from which on the size gets little smaller.
    private const int Quality = 4;

    // 256 KiB: the usual 4 MiB for each answer would be much, and few pages are larger.
    private const int Window = 18;

    private const int OutputSize = 4096;

    private BrotliEncoder _encoder = new(Quality, Window);

    /// <inheritdoc/>
    internal override void Write(ReadOnlySpan<byte> bytes, IBufferWriter<byte> output) => Compress(bytes, output, isFinal: false);

    /// <inheritdoc/>
    internal override void Flush(IBufferWriter<byte> output)
    {
        OperationStatus status;
        do
        {
            status = _encoder.Flush(output.GetSpan(OutputSize), out int written);
            Advance(output, written);
        }
        while (Check(status) == OperationStatus.DestinationTooSmall);
    }

    /// <inheritdoc/>
    internal override void Finish(IBufferWriter<byte> output) => Compress([], output, isFinal: true);

    /// <inheritdoc/>
    public override void Dispose() => _encoder.Dispose();

    private void Compress(ReadOnlySpan<byte> bytes, IBufferWriter<byte> output, bool isFinal)
    {
        OperationStatus status;
        do
        {
            status = _encoder.Compress(bytes, output.GetSpan(OutputSize), out int consumed, out int written, isFinal);
            bytes = bytes[consumed..];
            Advance(output, written);
        }
        while (Check(status) == OperationStatus.DestinationTooSmall || !bytes.IsEmpty);
    }

    private void Advance(IBufferWriter<byte> output, int written)
    {
        output.Advance(written);
        Written += written;
    }

    private static OperationStatus Check(OperationStatus status) =>
        status == OperationStatus.InvalidData ? throw new InvalidOperationException("The Brotli encoder has failed.") : status;
}
