using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using static Darter.Transport.Native.Libc;
using static Darter.Transport.Native.LibcConstants;

namespace Darter.Transport.Native;

/// <summary>A bound socket that listens, non-blocking, and the file of its Unix socket.</summary>
internal sealed unsafe class ListeningSocket : IDisposable
{
    private UnixSocketFile? _file;
    private int _disposed;

    private ListeningSocket(int descriptor, EndPoint endPoint, UnixSocketFile? file)
    {
        Descriptor = descriptor;
        EndPoint = endPoint;
        _file = file;
    }

    internal int Descriptor { get; }

    /// <summary>The address the socket is bound to, with the port the kernel chose if it was to choose.</summary>
    internal EndPoint EndPoint { get; }

    /// <summary>Binds a TCP address and listens.</summary>
    internal static ListeningSocket Bind(IPEndPoint endPoint, EpollTransportOptions options)
    {
        bool v6 = endPoint.AddressFamily == AddressFamily.InterNetworkV6;
        int fd = Open(v6 ? AF_INET6 : AF_INET, endPoint);
        try
        {
            // Connections of an earlier process that linger in TIME_WAIT do not keep the address from us.
            SetOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
            if (v6)
            {
                SetOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, endPoint.Address.Equals(IPAddress.IPv6Any) ? 0 : 1);
            }

            if (options.ReusePort)
            {
                SetOption(fd, SOL_SOCKET, SO_REUSEPORT, 1);
            }

            BindAddress(fd, endPoint);
            Listen(fd, endPoint, options, tcp: true);

            // Of the wildcard addresses only the port is news; read back, :: would be taken for an IPv4 one nowhere.
            IPEndPoint? bound = (IPEndPoint?)SocketAddressReader.ReadLocal(fd);
            return new ListeningSocket(fd, bound ?? endPoint, file: null);
        }
        catch
        {
            _ = close(fd);
            throw;
        }
    }

    /// <summary>Binds a Unix socket and listens; a file left by a process that is gone is replaced. Nobody can connect before
    /// the file has its permissions: a socket that does not listen yet refuses connections.</summary>
    internal static ListeningSocket Bind(UnixDomainSocketEndPoint endPoint, EpollTransportOptions options, UnixSocketAccess? access = null)
    {
        int fd = Open(AF_UNIX, endPoint);
        UnixSocketFile? file = null;
        try
        {
            UnixSocketFile.RemoveStale(endPoint);
            BindAddress(fd, endPoint);
            file = UnixSocketFile.Created(endPoint, options.UnixSocketMode);
            if (access is not null && file?.TrySetAccess(access) == false)
            {
                throw Failure(Errno, endPoint);
            }

            Listen(fd, endPoint, options, tcp: false);
            return new ListeningSocket(fd, endPoint, file);
        }
        catch
        {
            _ = close(fd);
            file?.Remove();
            throw;
        }
    }

    /// <summary>Takes over a socket that the parent process bound, and has it listen if it does not yet. Its address stays
    /// the parent's: a Unix socket's file is not removed, unless <see cref="OwnFile"/> is called.</summary>
    /// <exception cref="SocketException">The descriptor is none, or no stream socket that can be listened on.</exception>
    internal static ListeningSocket Adopt(int fd, EpollTransportOptions options)
    {
        if (InheritedSocket.Check(fd, out EndPoint? endPoint) is { } problem)
        {
            throw new SocketException((int)SocketError.NotSocket, $"The inherited descriptor {fd} {problem}.");
        }

        fd = InheritedSocket.KeepFromChildren(fd);
        _ = fcntl(fd, F_SETFL, fcntl(fd, F_GETFL, 0) | O_NONBLOCK);
        Listen(fd, endPoint!, options, tcp: endPoint is IPEndPoint);
        return new ListeningSocket(fd, endPoint!, file: null);
    }

    /// <summary>The file of a Unix socket is removed with the socket: the process that had bound it leaves it to this one.</summary>
    internal void OwnFile() => _file ??= EndPoint is UnixDomainSocketEndPoint unix ? UnixSocketFile.Created(unix, mode: null) : null;

    /// <summary>The file of a Unix socket stays when the socket is closed: another process has the socket too.</summary>
    internal void LeaveFile() => _file = null;

    /// <summary>Accepts one connection.</summary>
    /// <returns>Its socket, non-blocking, or a negated error.</returns>
    internal static int Accept(int fd, out EndPoint? remote)
    {
        byte* address = stackalloc byte[SocketAddressReader.MaxLength];
        while (true)
        {
            uint length = SocketAddressReader.MaxLength;
            int accepted = accept4(fd, address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (accepted >= 0)
            {
                remote = SocketAddressReader.Read(new ReadOnlySpan<byte>(address, (int)Math.Min(length, SocketAddressReader.MaxLength)));
                return accepted;
            }

            int errno = Errno;
            if (errno != EINTR)
            {
                remote = null;
                return -errno;
            }
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _file?.Remove();
            _ = close(Descriptor);
        }
    }

    private static int Open(int family, EndPoint endPoint)
    {
        int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        return fd >= 0 ? fd : throw Failure(Errno, endPoint);
    }

    private static void BindAddress(int fd, EndPoint endPoint)
    {
        SocketAddress address = endPoint.Serialize();
        fixed (byte* bytes = address.Buffer.Span)
        {
            if (bind(fd, bytes, (uint)address.Size) < 0)
            {
                throw Failure(Errno, endPoint);
            }
        }
    }

    private static void Listen(int fd, EndPoint endPoint, EpollTransportOptions options, bool tcp)
    {
        // Accepted connections inherit the option, which saves a call for each.
        if (tcp && options.NoDelay)
        {
            SetOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
        }

        if (listen(fd, options.Backlog) < 0)
        {
            throw Failure(Errno, endPoint);
        }
    }

    private static void SetOption(int fd, int level, int option, int value)
    {
        // Each option only improves on the default; a kernel that refuses one still serves.
        _ = setsockopt(fd, level, option, &value, sizeof(int));
    }

    private static Exception Failure(int errno, EndPoint endPoint)
    {
        SocketError error = errno switch
        {
            EADDRINUSE => SocketError.AddressAlreadyInUse,
            EADDRNOTAVAIL => SocketError.AddressNotAvailable,
            EACCES or EPERM => SocketError.AccessDenied,
            EAFNOSUPPORT => SocketError.AddressFamilyNotSupported,
            EMFILE or ENFILE => SocketError.TooManyOpenSockets,
            ENOTSOCK => SocketError.NotSocket,
            EINVAL => SocketError.InvalidArgument,
            EOPNOTSUPP => SocketError.OperationNotSupported,
            _ => SocketError.SocketError,
        };
        SocketException failure = new((int)error, $"{endPoint}: {System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(errno)}");
        return error == SocketError.AddressAlreadyInUse ? new AddressInUseException(failure.Message, failure) : failure;
    }
}
