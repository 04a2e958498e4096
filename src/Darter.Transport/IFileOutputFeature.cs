using System.IO.Pipelines;
using Darter.Transport.Files;

namespace Darter.Transport;

/// <summary>
/// A connection feature: the kernel sends a file's bytes itself, without their passing through this process. Only for a
/// connection whose bytes are what goes over the wire: not under TLS, nor inside the frames of HTTP/2.
/// </summary>
public interface IFileOutputFeature
{
    /// <summary>
    /// Writes a region of a file behind what was written before. The writer counts its bytes as if they had been written by
    /// <see cref="PipeWriter.GetMemory"/> and <see cref="PipeWriter.Advance"/>. The next step is a flush, which does not wait
    /// for the file, then <see cref="FileTransfer.Completion"/>; nothing may be written before that.
    /// </summary>
    /// <param name="writer">A writer at whose end is this connection's.</param>
    /// <param name="file">The file; it may be disposed afterwards.</param>
    /// <param name="offset">Where the region begins.</param>
    /// <param name="length">Its length in bytes, above 0.</param>
    /// <returns>Null, and nothing was written: the writer puts memory of its own between itself and the connection.</returns>
    FileTransfer? TryWrite(PipeWriter writer, OpenedFile file, long offset, int length);
}
