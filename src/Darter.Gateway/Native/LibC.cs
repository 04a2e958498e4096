using System.Runtime.InteropServices;

namespace Darter.Gateway.Native;

/// <summary>The system calls of the worker, under their C names. Failure is -1; the reason is <see cref="Marshal.GetLastSystemError"/> right behind the call.</summary>
#pragma warning disable CS8981 // The names are those of C.
internal static unsafe partial class LibC
{
    public const int EINTR = 4;
    public const int EAGAIN = 11;
    public const int EPIPE = 32;
    public const int ECONNRESET = 104;
    public const int ETOOMANYREFS = 109;

    public const short POLLIN = 1;

    public const int MSG_DONTWAIT = 0x40;
    public const int MSG_NOSIGNAL = 0x4000;

    public const int F_DUPFD_CLOEXEC = 1030;

    public const int SHUT_RD = 0;

    public const int SOL_SOCKET = 1;
    public const int SCM_RIGHTS = 1;

    public const int PROT_READ = 1;
    public const int PROT_WRITE = 2;
    public const int MAP_SHARED = 1;

    public const short POLLOUT = 4;

    [LibraryImport("libc")]
    public static partial nint recv(int sockfd, byte* buf, nuint len, int flags);

    [LibraryImport("libc")]
    public static partial nint send(int sockfd, byte* buf, nuint len, int flags);

    [LibraryImport("libc")]
    public static partial nint sendmsg(int sockfd, msghdr* msg, int flags);

    [LibraryImport("libc")]
    public static partial int poll(pollfd* fds, nuint nfds, int timeout);

    [LibraryImport("libc")]
    public static partial int shutdown(int sockfd, int how);

    [LibraryImport("libc")]
    public static partial int close(int fd);

    [LibraryImport("libc")]
    public static partial int fcntl(int fd, int cmd, int arg);

    [LibraryImport("libc")]
    public static partial nint mmap(void* addr, nuint length, int prot, int flags, int fd, nint offset);

    [LibraryImport("libc")]
    public static partial nint write(int fd, byte* buf, nuint count);

    [LibraryImport("libc")]
    public static partial int getpid();

    [LibraryImport("libc")]
    public static partial void _exit(int status);

    [StructLayout(LayoutKind.Sequential)]
    public struct iovec
    {
        public void* iov_base;
        public nuint iov_len;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct msghdr
    {
        public void* msg_name;
        public uint msg_namelen;
        public iovec* msg_iov;
        public nuint msg_iovlen;
        public void* msg_control;
        public nuint msg_controllen;
        public int msg_flags;
    }

    /// <summary><c>cmsghdr</c> with descriptors behind it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct cmsghdr_fds
    {
        /// <summary>How many the front takes at a time.</summary>
        public const int Room = 16;

        public nuint cmsg_len;
        public int cmsg_level;
        public int cmsg_type;
        public fixed int fd[Room];

        /// <summary>CMSG_LEN.</summary>
        public static nuint Length(int count) => (nuint)(16 + (count * sizeof(int)));

        /// <summary>CMSG_SPACE.</summary>
        public static nuint Space(int count) => (Length(count) + 7) & ~(nuint)7;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct pollfd
    {
        public int fd;
        public short events;
        public short revents;
    }
}
