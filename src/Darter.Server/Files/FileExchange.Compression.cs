using System.Buffers;
using System.IO.Compression;
using Darter.Transport.Files;

namespace Darter.Server.Files;

/// <summary>Choosing a representation by Accept-Encoding, and compressing.</summary>
internal sealed partial class FileExchange
{
    // Below, the response hardly becomes smaller; above, nobody wants to wait for it, and files that are served often
    // should have a compressed one beside them.
    private const long LeastToCompress = 1024;
    private const long MostToCompress = 16 * 1024 * 1024;

    // The ones that are smallest as a rule come first.
    private static readonly (ContentCodings Coding, string Name, byte[] Suffix)[] Siblings =
    [
        (ContentCodings.Brotli, "br", ".br"u8.ToArray()),
        (ContentCodings.Zstandard, "zstd", ".zst"u8.ToArray()),
        (ContentCodings.Gzip, "gzip", ".gz"u8.ToArray()),
    ];

    private async ValueTask<Variant> ChooseAsync(RequestPath path, OpenedFile file, ContentCodings accepted)
    {
        if (accepted == ContentCodings.None)
        {
            return Variant.Identity(file);
        }

        foreach ((ContentCodings coding, string name, byte[] suffix) in Siblings)
        {
            if ((accepted & coding) != 0 && await OpenSiblingAsync(path, file, suffix).ConfigureAwait(false) is { } sibling)
            {
                return Variant.Sibling(sibling, name);
            }
        }

        // A range is one of the bytes as they are: of what is compressed on the way there is no length, and no way into it.
        bool compresses = _config.Compression
            && (accepted & (ContentCodings.Brotli | ContentCodings.Gzip)) != 0
            && file.Status.Length is >= LeastToCompress and <= MostToCompress
            && _request.Headers.Range.Count == 0
            && _site.Compressors.Wait(TimeSpan.Zero);
        return compresses
            ? Variant.OnTheFly(file, (accepted & ContentCodings.Brotli) != 0 ? "br" : "gzip", _site.Compressors)
            : Variant.Identity(file);
    }

    /// <summary>Opens the compressed file beside a file, unless it is older: then it is the compressed form of something else.</summary>
    private async ValueTask<OpenedFile?> OpenSiblingAsync(RequestPath path, OpenedFile file, byte[] suffix)
    {
        OpenOutcome outcome = TryOpenSibling(path, suffix, _mayWait, out OpenedFile? sibling);
        if (outcome == OpenOutcome.WouldWait)
        {
            await LeaveLoopAsync().ConfigureAwait(false);
            TryOpenSibling(path, suffix, mayWait: true, out sibling);
        }

        if (sibling is null || (sibling.Status.Kind == FileKind.Regular && sibling.Status.ModifiedSeconds >= file.Status.ModifiedSeconds))
        {
            return sibling;
        }

        sibling.Dispose();
        return null;
    }

    private OpenOutcome TryOpenSibling(RequestPath path, byte[] suffix, bool mayWait, out OpenedFile? sibling)
    {
        OpenOutcome outcome = _site.Folder.TryOpen(path.ForOpeningWith(suffix), mayWait, out sibling);
        path.RemoveSuffix();
        return outcome;
    }

    private async Task SendCompressedAsync(Variant variant)
    {
        await LeaveLoopAsync().ConfigureAwait(false);
        OpenedFile file = variant.File;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BodyWriter.ChunkSize);
        try
        {
            using CompressedBody output = new(_body);
            await using Stream compressor = variant.Coding == "br"
                ? new BrotliStream(output, CompressionLevel.Optimal, leaveOpen: true)
                : new GZipStream(output, CompressionLevel.Optimal, leaveOpen: true);
            long left = file.Status.Length;
            while (left > 0 && !_body.IsGone)
            {
                int read = ReadFile(file, buffer.AsSpan(0, (int)Math.Min(left, buffer.Length)), file.Status.Length - left);
                left -= read;
                await compressor.WriteAsync(buffer.AsMemory(0, read)).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int ReadFile(OpenedFile file, Span<byte> buffer, long offset)
    {
        try
        {
            int read = file.Read(buffer, offset);
            return read > 0 ? read : throw new FileReadException("it became shorter while it was sent");
        }
        catch (IOException exception)
        {
            throw new FileReadException(exception.Message, exception);
        }
    }
}
