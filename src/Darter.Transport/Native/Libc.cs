using System.Runtime.InteropServices;

namespace Darter.Transport.Native;

/// <summary>
/// The C library's calls the transport makes. None of them sets the runtime's last P/Invoke error: a caller that gets
/// -1 asks <see cref="Errno"/> at once (the runtime keeps errno over its own work between the call and its return).
/// </summary>
internal static unsafe partial class Libc
{
    private const string Library = "libc";

    /// <summary>The error of the call that just returned -1 on this thread.</summary>
    internal static int Errno => Marshal.GetLastSystemError();

    [LibraryImport(Library)]
    internal static partial int close(int fd);

    [LibraryImport(Library)]
    internal static partial nint write(int fd, void* buf, nuint count);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int open(string pathname, int flags, uint mode);

    [LibraryImport(Library)]
    internal static partial int poll(pollfd* fds, nuint nfds, int timeout);

    [LibraryImport(Library)]
    internal static partial int eventfd(uint initval, int flags);

    [LibraryImport(Library)]
    internal static partial int epoll_create1(int flags);

    /// <summary>The event is an <c>epoll_event</c>, whose layout depends on the architecture (<see cref="Epoll"/>).</summary>
    [LibraryImport(Library)]
    internal static partial int epoll_ctl(int epfd, int op, int fd, void* @event);

    [LibraryImport(Library)]
    internal static partial int epoll_wait(int epfd, void* events, int maxevents, int timeout);

    /// <summary>The raw system call: <c>epoll_pwait2</c> has no wrapper in C libraries older than glibc 2.35.</summary>
    [LibraryImport(Library, EntryPoint = "syscall")]
    internal static partial nint syscall_epoll_pwait2(nint number, nint epfd, void* events, nint maxevents, timespec* timeout, void* sigmask, nuint sigsetsize);

    [LibraryImport(Library)]
    internal static partial int socket(int domain, int type, int protocol);

    [LibraryImport(Library)]
    internal static partial int bind(int sockfd, byte* addr, uint addrlen);

    [LibraryImport(Library)]
    internal static partial int listen(int sockfd, int backlog);

    [LibraryImport(Library)]
    internal static partial int accept4(int sockfd, byte* addr, uint* addrlen, int flags);

    [LibraryImport(Library)]
    internal static partial int connect(int sockfd, byte* addr, uint addrlen);

    [LibraryImport(Library)]
    internal static partial int getsockname(int sockfd, byte* addr, uint* addrlen);

    [LibraryImport(Library)]
    internal static partial int getpeername(int sockfd, byte* addr, uint* addrlen);

    [LibraryImport(Library)]
    internal static partial int setsockopt(int sockfd, int level, int optname, void* optval, uint optlen);

    [LibraryImport(Library)]
    internal static partial int getsockopt(int sockfd, int level, int optname, void* optval, uint* optlen);

    [LibraryImport(Library)]
    internal static partial int fcntl(int fd, int cmd, nint arg);

    [LibraryImport(Library)]
    internal static partial int shutdown(int sockfd, int how);

    [LibraryImport(Library)]
    internal static partial nint recv(int sockfd, void* buf, nuint len, int flags);

    [LibraryImport(Library)]
    internal static partial nint send(int sockfd, void* buf, nuint len, int flags);

    [LibraryImport(Library)]
    internal static partial nint recvmsg(int sockfd, msghdr* msg, int flags);

    [LibraryImport(Library)]
    internal static partial nint sendmsg(int sockfd, msghdr* msg, int flags);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int statx(int dirfd, string pathname, int flags, uint mask, statx_t* statxbuf);

    [LibraryImport(Library)]
    internal static partial uint geteuid();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int chmod(string pathname, uint mode);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int chown(string pathname, uint owner, uint group);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int open(string pathname, int flags);

    [LibraryImport(Library)]
    internal static partial int dup2(int oldfd, int newfd);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int unlink(string pathname);
}
