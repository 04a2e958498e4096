using System.Buffers;
using System.IO.Pipelines;
using Darter.Transport.Files;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Files;

/// <summary>Writes the body of one response, in memory that does not grow with it.</summary>
internal sealed class BodyWriter(IHttpResponseBodyFeature body, IHttpRequestLifetimeFeature lifetime, TimeProvider time)
{
    /// <summary>Bytes that are read and written at a time.</summary>
    internal const int ChunkSize = 128 * 1024;

    // More than this of one file in a row would keep the loop from other connections.
    private const int MostOnLoop = 2 * ChunkSize;

    // As of other responses: a client that does not take a chunk in this time has left without saying so.
    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Bytes written.</summary>
    internal long Written { get; private set; }

    /// <summary>Whether the client has left, so that nothing needs to be written any more.</summary>
    internal bool IsGone { get; private set; }

    /// <summary>The response's pipe.</summary>
    internal PipeWriter Pipe => body.Writer;

    /// <summary>Writes bytes; false: the client has left.</summary>
    internal ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        ValueTask<FlushResult> flush = body.Writer.WriteAsync(bytes);
        if (!flush.IsCompletedSuccessfully)
        {
            return AwaitAsync(flush, bytes.Length);
        }

        return new ValueTask<bool>(Count(flush.Result, bytes.Length));
    }

    /// <summary>
    /// Writes a region of a file; false: the client has left. What is in memory already is read where this is called, on the
    /// connection's loop as a rule; what has to come from a disk is waited for elsewhere.
    /// </summary>
    /// <exception cref="FileReadException">The file cannot be read, or became shorter than the region.</exception>
    internal async ValueTask<bool> WriteAsync(OpenedFile file, ByteRange range)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(range.Length, ChunkSize));
        try
        {
            long offset = range.Offset;
            int inRow = 0;
            while (offset < range.End)
            {
                Memory<byte> chunk = buffer.AsMemory(0, (int)Math.Min(buffer.Length, range.End - offset));
                int read = inRow < MostOnLoop ? Read(file, chunk.Span, offset, mayWait: false) : -1;
                if (read < 0)
                {
                    await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
                    inRow = 0;
                    read = Read(file, chunk.Span, offset, mayWait: true);
                }

                if (read == 0)
                {
                    throw new FileReadException("it became shorter while it was sent");
                }

                offset += read;
                inRow += read;
                if (!await WriteAsync(chunk[..read]).ConfigureAwait(false))
                {
                    return false;
                }
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask<bool> AwaitAsync(ValueTask<FlushResult> flush, int count)
    {
        try
        {
            FlushResult result = await flush.AsTask().WaitAsync(WriteTimeout, time).ConfigureAwait(false);
            return Count(result, count);
        }
        catch (TimeoutException)
        {
            lifetime.Abort();
            IsGone = true;
            return false;
        }
    }

    private bool Count(FlushResult result, int count)
    {
        IsGone = result.IsCompleted || result.IsCanceled;
        if (!IsGone)
        {
            Written += count;
        }

        return !IsGone;
    }

    private static int Read(OpenedFile file, Span<byte> buffer, long offset, bool mayWait)
    {
        try
        {
            return mayWait ? file.Read(buffer, offset) : file.ReadCached(buffer, offset);
        }
        catch (IOException exception)
        {
            throw new FileReadException(exception.Message, exception);
        }
    }
}
