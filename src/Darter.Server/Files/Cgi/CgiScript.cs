using System.Text;
using Darter.Transport.Files;

namespace Darter.Server.Files.Cgi;

/// <summary>A program that a request's path names.</summary>
/// <param name="File">Its path in the file system.</param>
/// <param name="Name">Its path in the URL, decoded: SCRIPT_NAME.</param>
/// <param name="Info">What follows in the path, decoded: PATH_INFO.</param>
/// <param name="IsExecutable">Whether it may be run.</param>
internal sealed record CgiScript(string File, string Name, string Info, bool IsExecutable)
{
    private const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Finds the first part of the path that is a file; null: there is none. May wait for a disk.</summary>
    internal static CgiScript? Find(FolderSite site, RequestPath path)
    {
        ReadOnlySpan<byte> bytes = path.Bytes;
        int slash = bytes.IndexOf((byte)'/');
        while (slash >= 0)
        {
            int next = bytes[(slash + 1)..].IndexOf((byte)'/');
            int end = next < 0 ? bytes.Length : slash + 1 + next;
            switch (site.Folder.GetStatus([.. bytes[..end], 0]))
            {
                case { Kind: FileKind.Regular } status:
                    string name = Encoding.UTF8.GetString(bytes[..end]);
                    string info = Encoding.UTF8.GetString(bytes[end..]) + (path.EndsWithSlash ? "/" : "");
                    return new CgiScript(Path.Combine(site.Config.Folder, name), $"/{name}", info, (status.Mode & Execute) != 0);
                case { Kind: FileKind.Folder }:
                    slash = next < 0 ? -1 : end;
                    break;
                default:
                    return null;
            }
        }

        return null;
    }
}
