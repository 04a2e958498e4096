using System.Text;
using Darter.Transport.Files;

namespace Darter.Server.Files;

/// <summary>A folder whose files the application may name by their paths.</summary>
internal sealed class SendfileFolder
{
    private readonly byte[][] _names;

    /// <param name="path">Its path, as the operator wrote it, absolute.</param>
    /// <param name="folder">The folder.</param>
    internal SendfileFolder(string path, ServedFolder folder)
    {
        Folder = folder;

        // Applications often resolve the links in their own folder's path (Path.resolve()), and operators do not.
        _names = [.. new[] { path, folder.RealPath }.OfType<string>().Select(name => AbsolutePath.Normalize(Encoding.UTF8.GetBytes(name))!).DistinctBy(Encoding.Latin1.GetString)];
    }

    /// <summary>The folder.</summary>
    internal ServedFolder Folder { get; }

    /// <summary>The place of a file by its absolute, normalized path; null: it is not below this folder.</summary>
    internal FilePlace? Find(ReadOnlySpan<byte> path)
    {
        foreach (byte[] name in _names)
        {
            if (name.Length == 0)
            {
                return Place(path);
            }

            if (path.Length > name.Length + 1 && path.StartsWith(name) && path[name.Length] == (byte)'/')
            {
                return Place(path[(name.Length + 1)..]);
            }
        }

        return null;
    }

    private FilePlace? Place(ReadOnlySpan<byte> below) => below.IsEmpty ? null : new FilePlace(Folder, [.. below, 0]);
}
