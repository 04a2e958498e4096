using System.ComponentModel;
using System.Runtime.InteropServices;
using Darter.Workers.Native;
using Microsoft.Win32.SafeHandles;

namespace Darter.Workers;

/// <summary>Connected Unix sockets, which no process inherits unless that is asked for.</summary>
internal static class SocketPair
{
    // With the kernel's default of some 200 KB a batch of larger bodies has to leave in several pieces, between which both sides wait
    // for each other. The kernel takes less where its own limit (net.core.wmem_max) is lower.
    private const int SendBufferSize = 1024 * 1024;

    /// <exception cref="Win32Exception">The kernel has no more of them.</exception>
    internal static unsafe (SafeFileHandle Front, SafeFileHandle Worker) Create(int type)
    {
        int* pair = stackalloc int[2];
        if (Libc.socketpair(Libc.AF_UNIX, type | Libc.SOCK_CLOEXEC, 0, pair) < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "cannot create a pair of sockets");
        }

        if (type == Libc.SOCK_STREAM)
        {
            int size = SendBufferSize;
            _ = Libc.setsockopt(pair[0], Libc.SOL_SOCKET, Libc.SO_SNDBUF, &size, sizeof(int));
            _ = Libc.setsockopt(pair[1], Libc.SOL_SOCKET, Libc.SO_SNDBUF, &size, sizeof(int));
        }

        return (new SafeFileHandle(pair[0], ownsHandle: true), new SafeFileHandle(pair[1], ownsHandle: true));
    }

    /// <summary>Lets the next process that is started inherit the descriptor.</summary>
    internal static void MakeInheritable(SafeFileHandle handle)
    {
        if (Libc.fcntl((int)handle.DangerousGetHandle(), Libc.F_SETFD, 0) < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }
}
