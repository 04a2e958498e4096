using System.Buffers;
using System.IO.Pipelines;
using Darter.Transport;
using Darter.Transport.Files;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server;

/// <summary>Regions of files: sent by the kernel where the connection allows it, else read and written.</summary>
internal sealed partial class BodyWriter
{
    /// <summary>Bytes that are read and written at a time.</summary>
    internal const int ChunkSize = 128 * 1024;

    // What the kernel is given at a time.
    private const int RegionSize = 1024 * 1024;

    // Below it, reading and writing costs no more than having the kernel send the file.
    private const int LeastRegion = 64 * 1024;

    // More than this of one file in a row would keep the loop from other connections.
    private const int MostOnLoop = 2 * ChunkSize;

    private FileTransfer? _transfer;

    /// <summary>
    /// Writes a region of a file; false: the client has left. What is in memory already is taken where this is called, on the
    /// connection's loop as a rule; what has to come from a disk is waited for elsewhere.
    /// </summary>
    /// <exception cref="FileReadException">The file cannot be read, or became shorter than the region.</exception>
    internal ValueTask<bool> WriteAsync(OpenedFile file, long offset, long length) =>
        length >= LeastRegion && FileOutput() is { } output ? SendAsync(output, file, offset, length) : CopyAsync(file, offset, length);

    /// <summary>The connection's way to send files, if what the response's body consists of is what goes over the wire.</summary>
    private IFileOutputFeature? FileOutput() =>
        _features.Get<ITlsHandshakeFeature>() is null && IsHttp1(_features.GetRequiredFeature<IHttpRequestFeature>().Protocol)
            ? _features.Get<IFileOutputFeature>()
            : null;

    private static bool IsHttp1(string protocol) => HttpProtocol.IsHttp11(protocol) || HttpProtocol.IsHttp10(protocol);

    private async ValueTask<bool> SendAsync(IFileOutputFeature output, OpenedFile file, long offset, long length)
    {
        // The response's head, which the server keeps to itself until then.
        await _body.StartAsync().ConfigureAwait(false);
        ITimer? watch = null;
        try
        {
            for (long end = offset + length; offset < end;)
            {
                int count = (int)Math.Min(RegionSize, end - offset);
                await LoadAsync(file, offset, count).ConfigureAwait(false);
                if (output.TryWrite(_body.Writer, file, offset, count) is not { } transfer)
                {
                    return await CopyAsync(file, offset, end - offset).ConfigureAwait(false);
                }

                FlushResult flush = await _body.Writer.FlushAsync().ConfigureAwait(false);
                ValueTask<bool> completion = transfer.Completion;
                if (!completion.IsCompleted)
                {
                    _transfer = transfer;
                    watch ??= Watch();
                }

                bool isSent = await completion.ConfigureAwait(false);
                if (transfer.Failure is { } failure)
                {
                    throw new FileReadException(failure.Message, failure);
                }

                Written += transfer.Sent;
                IsGone = !isSent || flush.IsCompleted || flush.IsCanceled;
                if (IsGone)
                {
                    return false;
                }

                offset += count;
            }

            return true;
        }
        finally
        {
            watch?.Dispose();
        }
    }

    /// <summary>Ends the connection of a client that takes nothing.</summary>
    private ITimer Watch()
    {
        (FileTransfer? Transfer, int Sent) seen = (_transfer, _transfer!.Sent);
        return _time.CreateTimer(
            _ =>
            {
                (FileTransfer? Transfer, int Sent) now = (_transfer, _transfer.Sent);
                if (now == seen)
                {
                    _lifetime.Abort();
                }

                seen = now;
            },
            state: null,
            WriteTimeout,
            WriteTimeout);
    }

    /// <summary>Sees that a region is in memory, since the kernel would have the loop wait for a disk.</summary>
    private static async ValueTask LoadAsync(OpenedFile file, long offset, int count)
    {
        try
        {
            if (!file.IsCached(offset, count))
            {
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
                file.Load(offset, count);
            }
        }
        catch (IOException exception)
        {
            throw new FileReadException(exception.Message, exception);
        }
    }

    private async ValueTask<bool> CopyAsync(OpenedFile file, long offset, long length)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(length, ChunkSize));
        try
        {
            int inRow = 0;
            for (long end = offset + length; offset < end;)
            {
                Memory<byte> chunk = buffer.AsMemory(0, (int)Math.Min(buffer.Length, end - offset));
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
