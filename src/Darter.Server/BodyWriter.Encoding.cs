using System.Buffers;
using Darter.Server.Compression;
using Darter.Transport.Files;

namespace Darter.Server;

/// <summary>Regions of files that are compressed on the way.</summary>
internal sealed partial class BodyWriter
{
    /// <summary>Compresses a region of a file, away from the loop; false: the client has left. The end is left to the caller.</summary>
    /// <exception cref="FileReadException">The file cannot be read, or became shorter than the region.</exception>
    internal async ValueTask<bool> EncodeAsync(BodyEncoder encoder, OpenedFile file, long offset, long length)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(length, ChunkSize));
        try
        {
            ArrayBufferWriter<byte> output = new();
            for (long end = offset + length; offset < end;)
            {
                int read = Read(file, buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - offset)), offset, mayWait: true);
                if (read == 0)
                {
                    throw new FileReadException("it became shorter while it was sent");
                }

                offset += read;
                encoder.Write(buffer.AsSpan(0, read), output);
                if (output.WrittenCount > 0 && !await WriteAsync(output.WrittenMemory).ConfigureAwait(false))
                {
                    return false;
                }

                output.ResetWrittenCount();
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Writes what is left in a compressor, and the end.</summary>
    internal ValueTask<bool> FinishAsync(BodyEncoder encoder)
    {
        ArrayBufferWriter<byte> output = new();
        encoder.Finish(output);
        return WriteAsync(output.WrittenMemory);
    }
}
