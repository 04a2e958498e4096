using System.Runtime.InteropServices;

namespace Darter.Transport.Native;

/// <summary>The calls for serving files. Paths are bytes, ended by a zero: a name on Linux need not be text.</summary>
internal static unsafe partial class Libc
{
    [LibraryImport(Library)]
    internal static partial int openat(int dirfd, byte* pathname, int flags, uint mode);

    /// <summary>The raw system call: C libraries have no wrapper for it yet.</summary>
    [LibraryImport(Library, EntryPoint = "syscall")]
    internal static partial nint syscall_openat2(nint number, nint dirfd, byte* pathname, open_how* how, nuint size);

    [LibraryImport(Library, EntryPoint = "syscall")]
    internal static partial nint syscall_getdents64(nint number, nint fd, byte* dirp, nuint count);

    [LibraryImport(Library)]
    internal static partial int statx(int dirfd, byte* pathname, int flags, uint mask, statx_t* statxbuf);

    [LibraryImport(Library)]
    internal static partial nint pread(int fd, void* buf, nuint count, long offset);

    [LibraryImport(Library)]
    internal static partial nint preadv2(int fd, iovec* iov, int iovcnt, long offset, int flags);

    [LibraryImport(Library)]
    internal static partial nint sendfile(int out_fd, int in_fd, long* offset, nuint count);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint readlink(string pathname, byte* buf, nuint bufsiz);

    [LibraryImport(Library)]
    internal static partial int linkat(int olddirfd, byte* oldpath, int newdirfd, byte* newpath, int flags);

    [LibraryImport(Library)]
    internal static partial int unlinkat(int dirfd, byte* pathname, int flags);
}
