using System.Runtime.InteropServices;

namespace Darter.Transport.Tests.Native;

internal static unsafe partial class Libc
{
    internal const int RLIMIT_NOFILE = 7;
    internal const int F_GETFD = 1;
    internal const int FD_CLOEXEC = 1;

    [LibraryImport("libc")]
    internal static partial int dup(int oldfd);

    [LibraryImport("libc")]
    internal static partial int fcntl(int fd, int cmd, nint arg);

    [LibraryImport("libc")]
    internal static partial int getrlimit(int resource, rlimit* rlim);

    [LibraryImport("libc")]
    internal static partial int setrlimit(int resource, rlimit* rlim);

    internal struct rlimit
    {
        internal ulong rlim_cur;
        internal ulong rlim_max;
    }
}
