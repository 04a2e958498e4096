using System.Buffers;
using Darter.Server.Configuration;

namespace Darter.Server.Compression;

/// <summary>
/// Compresses one body, piece by piece, in memory that does not grow with it. Not for use by several threads at a time.
/// </summary>
internal abstract class BodyEncoder : IDisposable
{
    /// <summary>Bytes that came out.</summary>
    internal long Written { get; private protected set; }

    /// <summary>Makes one.</summary>
    internal static BodyEncoder Create(ContentCodings coding) => coding switch
    {
        ContentCodings.Brotli => new BrotliBodyEncoder(),
        ContentCodings.Zstandard => new ZstandardBodyEncoder(),
        _ => new GzipBodyEncoder(),
    };

    /// <summary>Takes a piece. What comes out of it may come later.</summary>
    internal abstract void Write(ReadOnlySpan<byte> bytes, IBufferWriter<byte> output);

    /// <summary>Writes out all that was taken, so that the client can read it.</summary>
    internal abstract void Flush(IBufferWriter<byte> output);

    /// <summary>Writes the rest and the end.</summary>
    internal abstract void Finish(IBufferWriter<byte> output);

    /// <inheritdoc/>
    public abstract void Dispose();
}
