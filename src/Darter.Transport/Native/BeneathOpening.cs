using static Darter.Transport.Native.Libc;
using static Darter.Transport.Native.LibcConstants;

namespace Darter.Transport.Native;

/// <summary>
/// Opens files below a folder so that no path, however it is written, and no link that somebody exchanges at the wrong
/// moment leads out of it: the kernel checks each step as it goes (openat2 with RESOLVE_BENEATH, Linux 5.6), or, where that
/// is not allowed, the file that was opened is asked for its path.
/// </summary>
/// <param name="root">The folder.</param>
/// <param name="followLinks">Whether links may lead out of it.</param>
/// <param name="asksKernel">Whether to use openat2 if it is there; false is for tests of what replaces it.</param>
internal sealed unsafe class BeneathOpening(int root, bool followLinks, bool asksKernel)
{
    // Another process may rename on the way; the kernel then wants to be asked again.
    private const int Attempts = 8;

    private const int ReadFlags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

    private static bool s_hasOpenat2 = true;
    private static bool s_canBeCached = true;

    /// <summary>Opens for reading; a pipe or device does not make it wait. Returns the descriptor, or minus errno.</summary>
    /// <param name="path">The path below the folder, ended by a zero.</param>
    /// <param name="mayWait">Whether it may wait for a disk; else EAGAIN.</param>
    internal int OpenForReading(ReadOnlySpan<byte> path, bool mayWait) => Open(path, ReadFlags, mayWait);

    /// <summary>Finds a file without opening it. Returns a descriptor that stands for it, or minus errno.</summary>
    internal int Find(ReadOnlySpan<byte> path) => Open(path, O_PATH | O_CLOEXEC, mayWait: true);

    private int Open(ReadOnlySpan<byte> path, int flags, bool mayWait)
    {
        if (!asksKernel || !s_hasOpenat2)
        {
            return mayWait ? OpenAndAsk(path, flags) : -EAGAIN;
        }

        if (!mayWait && !s_canBeCached)
        {
            return -EAGAIN;
        }

        ulong resolve = followLinks ? RESOLVE_NO_MAGICLINKS : RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
        int result = Openat2(path, flags, mayWait ? resolve : resolve | RESOLVE_CACHED);
        for (int attempt = 1; mayWait && result == -EAGAIN && attempt < Attempts; attempt++)
        {
            result = Openat2(path, flags, resolve);
        }

        switch (-result)
        {
            case ENOSYS or EPERM:
                // The kernel is older, or a filter of a container does not know the call.
                s_hasOpenat2 = false;
                return Open(path, flags, mayWait);
            case EINVAL when !mayWait:
                // Before Linux 5.12.
                s_canBeCached = false;
                return -EAGAIN;
            case EXDEV when !mayWait:
                return -EAGAIN;
            case EXDEV:
                // An absolute link is refused, wherever it leads.
                return OpenAbsolute(path, flags);
            default:
                return result;
        }
    }

    private int Openat2(ReadOnlySpan<byte> path, int flags, ulong resolve)
    {
        open_how how = new() { flags = (ulong)flags, resolve = resolve };
        fixed (byte* start = path)
        {
            int fd;
            do
            {
                fd = (int)syscall_openat2(SYS_openat2, root, start, &how, (nuint)sizeof(open_how));
            }
            while (fd < 0 && Errno == EINTR);
            return fd < 0 ? -Errno : fd;
        }
    }

    /// <summary>Follows a link with an absolute path if what it leads to lies in the folder; opened there, it is checked again.</summary>
    private int OpenAbsolute(ReadOnlySpan<byte> path, int flags)
    {
        open_how how = new() { flags = O_PATH | O_CLOEXEC, resolve = RESOLVE_NO_MAGICLINKS };
        int found;
        fixed (byte* start = path)
        {
            found = (int)syscall_openat2(SYS_openat2, root, start, &how, (nuint)sizeof(open_how));
        }

        if (found < 0)
        {
            return -Errno;
        }

        byte[]? below = PathBelow(found);
        _ = close(found);
        return below is null ? -EXDEV : Openat2(below, flags, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
    }

    /// <summary>Opens as far as links lead, then looks where that is.</summary>
    private int OpenAndAsk(ReadOnlySpan<byte> path, int flags)
    {
        int fd;
        fixed (byte* start = path)
        {
            do
            {
                fd = openat(root, start, flags, 0);
            }
            while (fd < 0 && Errno == EINTR);
        }

        if (fd < 0)
        {
            return -Errno;
        }

        if (!followLinks && PathBelow(fd) is null)
        {
            _ = close(fd);
            return -EXDEV;
        }

        return fd;
    }

    /// <summary>The path of an open file relative to the folder, ended by a zero; null: it is not below it.</summary>
    private byte[]? PathBelow(int descriptor)
    {
        byte[] folder = PathOf(root);
        byte[] file = PathOf(descriptor);
        if (file.AsSpan().SequenceEqual(folder))
        {
            return [(byte)'.', 0];
        }

        int length = folder is [(byte)'/'] ? 0 : folder.Length;
        return file.AsSpan().StartsWith(folder.AsSpan(0, length)) && file.Length > length + 1 && file[length] == '/'
            ? [.. file[(length + 1)..], 0]
            : null;
    }

    private static byte[] PathOf(int descriptor)
    {
        byte[] path = new byte[4096];
        fixed (byte* start = path)
        {
            nint length = readlink($"/proc/self/fd/{descriptor}", start, (nuint)path.Length);
            return length > 0 ? path[..(int)length] : "?"u8.ToArray();
        }
    }
}
