using System.Buffers;
using System.IO.Compression;

namespace Darter.Server.Compression;

/// <summary>gzip (RFC 1952).</summary>
internal sealed class GzipBodyEncoder : BodyEncoder
{
    private static readonly ZLibCompressionOptions s_options = new() { CompressionLevel = 5 };

    // What there is of nothing: the library writes nothing then.
    private static readonly byte[] s_empty = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    private readonly BufferWriterStream _output = new();
    private readonly GZipStream _stream;

    internal GzipBodyEncoder() => _stream = new GZipStream(_output, s_options, leaveOpen: true);

    /// <inheritdoc/>
    internal override void Write(ReadOnlySpan<byte> bytes, IBufferWriter<byte> output)
    {
        _output.Target = output;
        _stream.Write(bytes);
        Written = _output.Written;
    }

    /// <inheritdoc/>
    internal override void Flush(IBufferWriter<byte> output)
    {
        _output.Target = output;
        _stream.Flush();
        Written = _output.Written;
    }

    /// <inheritdoc/>
    internal override void Finish(IBufferWriter<byte> output)
    {
        _output.Target = output;
        _stream.Dispose();
        if (_output.Written == 0)
        {
            _output.Write(s_empty);
        }

        Written = _output.Written;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        // What is given up has no end.
        _output.Target = null;
        _stream.Dispose();
    }
}
