using System.IO.Pipelines;
using Darter.Transport.Files;

namespace Darter.Transport;

/// <summary>
/// A connection feature: the kernel sends a file's bytes itself, without their passing through this process. Only for a
/// connection whose bytes are what goes over the wire: not under TLS, nor inside the frames of HTTP/2.
/// </summary>
public interface IFileOutputFeature
{
    /// <summary>Bytes of the last region that was flushed which were handed to the kernel.</summary>
    int Sent { get; }

    /// <summary>Why the region could not be sent, once the flush has ended; the connection's output is at its end then.</summary>
    IOException? Failure { get; }

    /// <summary>
    /// Writes a region of a file behind what was written before. The writer counts its bytes as if they had been written by
    /// <see cref="PipeWriter.GetMemory"/> and <see cref="PipeWriter.Advance"/>. Nothing more may be written before the next
    /// flush, which ends when all of it was handed to the kernel.
    /// </summary>
    /// <param name="writer">A writer at whose end is this connection's.</param>
    /// <param name="file">The file; it may be disposed afterwards.</param>
    /// <param name="offset">Where the region begins.</param>
    /// <param name="length">Its length in bytes, above 0.</param>
    /// <returns>False, and nothing was written: the writer puts memory of its own between itself and the connection.</returns>
    bool TryWrite(PipeWriter writer, OpenedFile file, long offset, int length);
}
