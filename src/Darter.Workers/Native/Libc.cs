using System.Runtime.InteropServices;

namespace Darter.Workers.Native;

/// <summary>The system calls of the channel, with their C names; see the manual pages of section 2.</summary>
internal static unsafe partial class Libc
{
    internal const int AF_UNIX = 1;
    internal const int SOCK_STREAM = 1;
    internal const int SOCK_SEQPACKET = 5;
    internal const int SOCK_NONBLOCK = 0x800;
    internal const int SOCK_CLOEXEC = 0x80000;
    internal const int SOL_SOCKET = 1;
    internal const int SO_SNDBUF = 7;
    internal const int SCM_RIGHTS = 1;
    internal const int MSG_DONTWAIT = 0x40;
    internal const int MSG_CTRUNC = 0x8;
    internal const int MSG_NOSIGNAL = 0x4000;
    internal const int MSG_CMSG_CLOEXEC = 0x40000000;
    internal const int EINTR = 4;
    internal const int EAGAIN = 11;
    internal const int F_SETFD = 2;
    internal const int F_SETFL = 4;
    internal const int F_DUPFD_CLOEXEC = 1030;
    internal const int O_NONBLOCK = 0x800;
    internal const int FD_CLOEXEC = 1;
    internal const int O_CLOEXEC = 0x80000;
    internal const int PROT_READ = 1;
    internal const int PROT_WRITE = 2;
    internal const int MAP_SHARED = 1;
    internal const int SIGABRT = 6;
    internal const int SIGINT = 2;
    internal const int SIGKILL = 9;
    internal const int SIGTERM = 15;
    internal const uint MFD_CLOEXEC = 1;
    internal const nint SYS_pidfd_send_signal = 424;
    internal const nint SYS_pidfd_open = 434;

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int socketpair(int domain, int type, int protocol, int* sv);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int pipe2(int* pipefd, int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int setsockopt(int sockfd, int level, int optname, int* optval, uint optlen);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint send(int sockfd, byte* buf, nuint len, int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint recv(int sockfd, byte* buf, nuint len, int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint recvmsg(int sockfd, msghdr* msg, int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint sendmsg(int sockfd, msghdr* msg, int flags);

    // The C library has functions for these since 2.36 only.
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint syscall(nint number, nint first, nint second, nint third, nint fourth);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int fcntl(int fd, int cmd, int arg);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int close(int fd);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int memfd_create(string name, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int ftruncate(int fd, nint length);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial void* mmap(void* addr, nuint length, int prot, int flags, int fd, nint offset);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int munmap(void* addr, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int kill(int pid, int sig);

    [StructLayout(LayoutKind.Sequential)]
    internal struct iovec
    {
        internal void* iov_base;
        internal nuint iov_len;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct msghdr
    {
        internal void* msg_name;
        internal uint msg_namelen;
        internal iovec* msg_iov;
        internal nuint msg_iovlen;
        internal void* msg_control;
        internal nuint msg_controllen;
        internal int msg_flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct cmsghdr
    {
        internal nuint cmsg_len;
        internal int cmsg_level;
        internal int cmsg_type;
    }
}
