using Microsoft.Win32.SafeHandles;
using static Darter.Transport.Native.Libc;
using static Darter.Transport.Native.LibcConstants;

namespace Darter.Transport.Native;

/// <summary>
/// Appending to files as the C library does it. .NET's own append mode writes at an offset that it keeps itself, so two
/// processes would write over each other's lines, and a file that was truncated would begin with a hole.
/// </summary>
internal static unsafe class FileWriting
{
    private const uint ReadableByAll = 0x1A4; // rw-r--r--, less the umask

    /// <summary>Opens a file for appending, creating it if need be. Null: not possible, for the reason in <paramref name="errno"/>.</summary>
    internal static SafeFileHandle? OpenForAppend(string path, out int errno)
    {
        int fd;
        do
        {
            fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, ReadableByAll);
            errno = fd < 0 ? Errno : 0;
        }
        while (errno == EINTR);
        return fd < 0 ? null : new SafeFileHandle(fd, ownsHandle: true);
    }

    /// <summary>Writes all of <paramref name="bytes"/>, waiting as long as it takes, and returns how many were written; fewer mean <paramref name="errno"/>.</summary>
    internal static int WriteAll(SafeFileHandle file, ReadOnlySpan<byte> bytes, out int errno)
    {
        int fd = (int)file.DangerousGetHandle();
        int written = 0;
        errno = 0;
        fixed (byte* start = bytes)
        {
            while (written < bytes.Length)
            {
                nint count = write(fd, start + written, (nuint)(bytes.Length - written));
                if (count >= 0)
                {
                    written += (int)count;
                    continue;
                }

                errno = Errno;
                if (errno == EAGAIN)
                {
                    // Somebody who shares the pipe or the terminal made it non-blocking.
                    pollfd wait = new() { fd = fd, events = POLLOUT };
                    _ = poll(&wait, 1, -1);
                }
                else if (errno != EINTR)
                {
                    return written;
                }
            }
        }

        errno = 0;
        return written;
    }
}
