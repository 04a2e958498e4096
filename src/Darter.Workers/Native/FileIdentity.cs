using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Darter.Workers.Native;

/// <summary>What makes two names the same file: the number of the file and its device.</summary>
internal readonly record struct FileIdentity(ulong Number, ulong Device)
{
    /// <summary>Where the kernel's <c>struct statx</c>, the same on every architecture, has what is needed.</summary>
    private const int Size = 256, NumberOffset = 32, DeviceOffset = 136;

    /// <summary>The file at a path, or null when there is none.</summary>
    internal static FileIdentity? Of(string path) => Read(Libc.AT_FDCWD, path, 0);

    /// <summary>An open file.</summary>
    internal static FileIdentity? Of(SafeFileHandle handle) => Read((int)handle.DangerousGetHandle(), "", Libc.AT_EMPTY_PATH);

    private static unsafe FileIdentity? Read(int folder, string path, int flags)
    {
        byte* file = stackalloc byte[Size];
        return Libc.statx(folder, path, flags, Libc.STATX_INO, file) == 0
            ? new FileIdentity(MemoryMarshal.Read<ulong>(new ReadOnlySpan<byte>(file + NumberOffset, 8)), MemoryMarshal.Read<ulong>(new ReadOnlySpan<byte>(file + DeviceOffset, 8)))
            : null;
    }
}
