using System.Net;
using System.Net.Sockets;
using static Darter.Transport.Native.Libc;
using static Darter.Transport.Native.LibcConstants;

namespace Darter.Transport.Native;

/// <summary>What the parent process says is a listening socket.</summary>
internal static unsafe class InheritedSocket
{
    /// <summary>Returns null if a descriptor can be listened on, else why it cannot, as the end of a sentence.</summary>
    internal static string? Check(int fd, out EndPoint? endPoint)
    {
        endPoint = null;
        if (fcntl(fd, F_GETFL, 0) < 0)
        {
            return "is not open";
        }

        if (Option(fd, SO_TYPE) is not { } type)
        {
            return "is not a socket";
        }

        if (type != SOCK_STREAM)
        {
            return "is not a stream socket";
        }

        endPoint = SocketAddressReader.ReadLocal(fd);
        if (endPoint is null)
        {
            return "is a socket of an address family that cannot be served";
        }

        if (Option(fd, SO_ACCEPTCONN) == 1)
        {
            return null;
        }

        if (IsConnected(fd))
        {
            return "is a connection, not a listening socket";
        }

        return endPoint is IPEndPoint { Port: 0 } || (endPoint is UnixDomainSocketEndPoint && endPoint.ToString()!.Length == 0)
            ? "is a socket that is bound to no address"
            : null;
    }

    /// <summary>Has a descriptor closed when other programs are started. One of the standard ones is taken from its place,
    /// which others expect to be open.</summary>
    /// <returns>The descriptor to use.</returns>
    internal static int KeepFromChildren(int fd)
    {
        if (fd > 2)
        {
            _ = fcntl(fd, F_SETFD, FD_CLOEXEC);
            return fd;
        }

        int moved = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (moved < 0)
        {
            throw new SocketException((int)SocketError.TooManyOpenSockets);
        }

        int nowhere = open("/dev/null", O_RDWR);
        _ = dup2(nowhere, fd);
        _ = close(nowhere);
        return moved;
    }

    private static int? Option(int fd, int option)
    {
        int value;
        uint length = sizeof(int);
        return getsockopt(fd, SOL_SOCKET, option, &value, &length) < 0 ? null : value;
    }

    private static bool IsConnected(int fd)
    {
        byte* address = stackalloc byte[SocketAddressReader.MaxLength];
        uint length = SocketAddressReader.MaxLength;
        return getpeername(fd, address, &length) == 0;
    }
}
