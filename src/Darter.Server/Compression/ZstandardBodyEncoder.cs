using System.Buffers;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Darter.Server.Compression;

/// <summary>Zstandard (RFC 8878).</summary>
internal sealed class ZstandardBodyEncoder : BodyEncoder
{
    private const int Level = 3;

    // 256 KiB, far below the 8 MiB that clients have to support (RFC 9659); and tables of the same order.
    private const int WindowLog = 18;
    private const int TableLog = 16;

    private const int OutputSize = 4096;

    private readonly Compressor _compressor = new(Level);

    internal ZstandardBodyEncoder()
    {
        _compressor.SetParameter(ZSTD_cParameter.ZSTD_c_windowLog, WindowLog);
        _compressor.SetParameter(ZSTD_cParameter.ZSTD_c_hashLog, TableLog);
        _compressor.SetParameter(ZSTD_cParameter.ZSTD_c_chainLog, TableLog);
    }

    /// <inheritdoc/>
    internal override void Write(ReadOnlySpan<byte> bytes, IBufferWriter<byte> output)
    {
        while (!bytes.IsEmpty)
        {
            _ = _compressor.WrapStream(bytes, output.GetSpan(OutputSize), out int consumed, out int written, isFinalBlock: false);
            bytes = bytes[consumed..];
            Advance(output, written);
        }
    }

    /// <inheritdoc/>
    internal override void Flush(IBufferWriter<byte> output) => FlushStream(output, isFinal: false);

    /// <inheritdoc/>
    internal override void Finish(IBufferWriter<byte> output) => FlushStream(output, isFinal: true);

    /// <inheritdoc/>
    public override void Dispose() => _compressor.Dispose();

    private void FlushStream(IBufferWriter<byte> output, bool isFinal)
    {
        OperationStatus status;
        do
        {
            status = _compressor.FlushStream(output.GetSpan(OutputSize), out int written, isFinal);
            Advance(output, written);
        }
        while (status == OperationStatus.DestinationTooSmall);
    }

    private void Advance(IBufferWriter<byte> output, int written)
    {
        output.Advance(written);
        Written += written;
    }
}
