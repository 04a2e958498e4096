using System.Runtime.InteropServices;

namespace Darter.Testing.Native;

/// <summary>Functions of the C library, under their own names.</summary>
internal static partial class Libc
{
    [LibraryImport("libc", SetLastError = true)]
    public static partial int kill(int pid, int sig);
}
