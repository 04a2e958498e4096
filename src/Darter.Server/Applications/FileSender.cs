using System.IO.Pipelines;

namespace Darter.Server.Applications;

/// <summary>Writes a region of a file to a response. The bytes never pass through Python.</summary>
internal static class FileSender
{
    private const int ChunkSize = 64 * 1024;

    /// <summary>Sends the region and returns how many bytes that were; fewer than it has: the client is gone.</summary>
    /// <exception cref="IOException">The file could not be read, or is shorter than the region.</exception>
    internal static async Task<long> SendAsync(BodyPart part, PipeWriter writer)
    {
        long offset = part.Offset;
        long left = part.Length;

        // The first read is awaited elsewhere too: the caller is the loop's thread.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        while (left > 0)
        {
            Memory<byte> memory = writer.GetMemory(4096);
            memory = memory[..(int)Math.Min(Math.Min(memory.Length, ChunkSize), left)];
            int read = await RandomAccess.ReadAsync(part.File!, memory, offset).ConfigureAwait(false);
            if (read == 0)
            {
                throw new EndOfStreamException("the file became shorter while it was sent");
            }

            writer.Advance(read);
            offset += read;
            FlushResult flush = await writer.FlushAsync().ConfigureAwait(false);
            if (flush.IsCompleted || flush.IsCanceled)
            {
                return part.Length - left;
            }

            left -= read;
        }

        return part.Length;
    }
}
