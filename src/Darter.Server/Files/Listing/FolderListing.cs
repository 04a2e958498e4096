using System.Text;
using Darter.Transport.Files;

namespace Darter.Server.Files.Listing;

/// <summary>What a client sees of a folder.</summary>
internal sealed class FolderListing
{
    /// <summary>Most entries in a listing; a folder with more is not read to its end.</summary>
    internal const int MostEntries = 10_000;

    private FolderListing(List<ListedFile> files, bool isComplete)
    {
        Files = files;
        IsComplete = isComplete;
    }

    /// <summary>Folders first, then files.</summary>
    internal IReadOnlyList<ListedFile> Files { get; }

    /// <summary>Whether that are all.</summary>
    internal bool IsComplete { get; }

    /// <summary>Reads a folder.</summary>
    /// <param name="site">The site it belongs to.</param>
    /// <param name="folder">The folder, open.</param>
    /// <param name="path">Its path.</param>
    /// <param name="order">The order of its files.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    internal static FolderListing Read(FolderSite site, OpenedFile folder, RequestPath path, ListingOrder order)
    {
        List<ListedFile> files = [];
        IReadOnlyList<FolderEntry> entries = folder.ReadFolder(MostEntries, out bool isComplete);
        foreach (FolderEntry entry in entries)
        {
            ReadOnlySpan<byte> name = entry.Name.Span;
            bool isHidden = name[0] == '.' && !site.Config.Dotfiles && !(path.IsRoot && name.SequenceEqual(".well-known"u8));
            if (isHidden)
            {
                continue;
            }

            // Only links that may be followed, and lead to something, are shown; as what they lead to.
            FileStatus? status = entry.Status.Kind == FileKind.Link ? site.Folder.GetStatus(path.Child(name).ForOpening) : entry.Status;
            if (status is { Kind: FileKind.Regular or FileKind.Folder } known)
            {
                bool isFolder = known.Kind == FileKind.Folder;
                files.Add(new ListedFile(Encoding.UTF8.GetString(name), PercentEncoding.Encode(name) + (isFolder ? "/" : ""), isFolder, known.Length, known.Modified));
            }
        }

        files.Sort(order.Compare);
        return new FolderListing(files, isComplete);
    }
}
