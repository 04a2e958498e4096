using System.ComponentModel;
using System.Runtime.InteropServices;
using Darter.Workers.Native;
using Microsoft.Win32.SafeHandles;

namespace Darter.Workers;

/// <summary>Connected Unix sockets, which no process inherits unless that is asked for.</summary>
internal static class SocketPair
{
    // A batch of larger bodies shall leave at once: in pieces, both sides wait for each other in between.
    private const int ChannelSendBuffer = 1024 * 1024;

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

    /// <summary>The two ends of a channel.</summary>
    /// <inheritdoc cref="Create" path="/exception"/>
    internal static (SafeFileHandle Front, SafeFileHandle Worker) CreateChannel()
    {
        (SafeFileHandle front, SafeFileHandle worker) = Create(Libc.SOCK_STREAM);
        EnlargeSendBuffer(front);
        EnlargeSendBuffer(worker);
        return (front, worker);
    }

    /// <summary>Lets the next process that is started inherit the descriptor.</summary>
    internal static void MakeInheritable(SafeFileHandle handle)
    {
        if (Libc.fcntl((int)handle.DangerousGetHandle(), Libc.F_SETFD, 0) < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    private static unsafe void EnlargeSendBuffer(SafeFileHandle handle)
    {
        // The kernel takes less where its own limit (net.core.wmem_max) is lower, and has some 200 KB if it takes nothing.
        int size = ChannelSendBuffer;
        _ = Libc.setsockopt((int)handle.DangerousGetHandle(), Libc.SOL_SOCKET, Libc.SO_SNDBUF, &size, sizeof(int));
    }
}
