using Darter.Server.Compression;
using Darter.Server.Configuration;
using Darter.Transport.Files;

namespace Darter.Server.Files;

/// <summary>Choosing a representation by Accept-Encoding.</summary>
internal sealed partial class FileExchange
{
    // The ones that are smallest as a rule come first.
    private static readonly (ContentCodings Coding, byte[] Suffix)[] Siblings =
    [
        (ContentCodings.Brotli, ".br"u8.ToArray()),
        (ContentCodings.Zstandard, ".zst"u8.ToArray()),
        (ContentCodings.Gzip, ".gz"u8.ToArray()),
    ];

    private async ValueTask<Variant> ChooseAsync(RequestPath path, OpenedFile file, ContentType type)
    {
        ContentCodings accepted = AcceptedCodings.Parse(_request.Headers.AcceptEncoding);
        if (accepted == ContentCodings.None)
        {
            return Variant.Identity(file);
        }

        foreach ((ContentCodings coding, byte[] suffix) in Siblings)
        {
            if ((accepted & coding) != 0 && await OpenSiblingAsync(path, file, suffix).ConfigureAwait(false) is { } sibling)
            {
                return Variant.Sibling(sibling, coding);
            }
        }

        // A range is one of the bytes as they are: of what is compressed on the way there is no length, and no way into it.
        CompressionConfig rules = _config.CompressionRules;
        if (_config.Compression
            && _site.CompressibleTypes.Matches(type.Value)
            && file.Status.Length >= rules.LeastSize && file.Status.Length <= FileBody.MostToCompress
            && _request.Headers.Range.Count == 0
            && CompressionRules.Preferred(rules, _request.Headers.AcceptEncoding) is var preferred and not ContentCodings.None
            && _site.Compressors.Wait(TimeSpan.Zero))
        {
            return Variant.OnTheFly(file, preferred, _site.Compressors);
        }

        return Variant.Identity(file);
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
}
