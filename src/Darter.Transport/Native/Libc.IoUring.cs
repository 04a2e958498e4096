using System.Runtime.InteropServices;

namespace Darter.Transport.Native;

/// <summary>The calls of io_uring, which the C library has no wrappers for.</summary>
internal static unsafe partial class Libc
{
    [LibraryImport(Library, EntryPoint = "syscall")]
    internal static partial nint syscall_io_uring_setup(nint number, nuint entries, io_uring_params* parameters);

    [LibraryImport(Library, EntryPoint = "syscall")]
    internal static partial nint syscall_io_uring_enter(nint number, nint fd, nuint toSubmit, nuint minComplete, nuint flags, void* argument, nuint argumentSize);

    [LibraryImport(Library)]
    internal static partial void* mmap(void* addr, nuint length, int prot, int flags, int fd, nint offset);

    [LibraryImport(Library)]
    internal static partial int munmap(void* addr, nuint length);
}
