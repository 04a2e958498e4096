using static Darter.Transport.Native.Libc;
using static Darter.Transport.Native.LibcConstants;

namespace Darter.Transport.Native;

/// <summary>What can be said and changed of any descriptor.</summary>
internal static class FileDescriptor
{
    /// <summary>Whether it is open and a socket.</summary>
    internal static unsafe bool IsSocket(int descriptor)
    {
        int type;
        uint length = sizeof(int);
        return getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &length) == 0;
    }

    /// <summary>Keeps it from processes that are started from now on.</summary>
    internal static void CloseOnExec(int descriptor) => _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}
