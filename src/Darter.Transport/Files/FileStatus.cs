using Darter.Transport.Native;
using static Darter.Transport.Native.LibcConstants;

namespace Darter.Transport.Files;

/// <summary>What the system knows of a file.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="ModifiedSeconds">When it was modified, in whole seconds since 1970.</param>
/// <param name="ModifiedNanoseconds">The nanoseconds in that second.</param>
/// <param name="Inode">Its number in the file system.</param>
/// <param name="Mode">Its permissions.</param>
public readonly record struct FileStatus(FileKind Kind, long Length, long ModifiedSeconds, uint ModifiedNanoseconds, ulong Inode, UnixFileMode Mode)
{
    /// <summary>When it was modified.</summary>
    public DateTimeOffset Modified =>
        DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(ModifiedSeconds, EarliestSecond, LatestSecond)).AddTicks(ModifiedNanoseconds / 100);

    // A file system may say what it likes; a year beyond these has no form in HTTP.
    private const long EarliestSecond = 0;
    private const long LatestSecond = 253_402_300_798;

    internal static FileStatus From(in statx_t status) => new(
        (status.stx_mode & S_IFMT) switch
        {
            S_IFREG => FileKind.Regular,
            S_IFDIR => FileKind.Folder,
            S_IFLNK => FileKind.Link,
            _ => FileKind.Other,
        },
        (long)status.stx_size,
        status.stx_mtime_sec,
        status.stx_mtime_nsec,
        status.stx_ino,
        (UnixFileMode)(status.stx_mode & 0xFFF));
}
