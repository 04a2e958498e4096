using System.ComponentModel;
using System.Runtime.InteropServices;
using Darter.Workers.Native;
using Microsoft.Win32.SafeHandles;

namespace Darter.Workers;

/// <summary>Connected Unix sockets, which no process inherits unless that is asked for.</summary>
internal static class SocketPair
{
    /// <exception cref="Win32Exception">The kernel has no more of them.</exception>
    internal static unsafe (SafeFileHandle Front, SafeFileHandle Worker) Create(int type)
    {
        int* pair = stackalloc int[2];
        if (Libc.socketpair(Libc.AF_UNIX, type | Libc.SOCK_CLOEXEC, 0, pair) < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "cannot create a pair of sockets");
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
