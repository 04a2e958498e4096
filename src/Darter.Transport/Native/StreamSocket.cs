using static Darter.Transport.Native.Libc;
using static Darter.Transport.Native.LibcConstants;

namespace Darter.Transport.Native;

/// <summary>What is done with a connected, non-blocking stream socket. Results below zero are negated error numbers.</summary>
internal static unsafe class StreamSocket
{
    /// <summary>The result of a call that would have had to wait.</summary>
    internal const int WouldBlock = -EAGAIN;

    /// <returns>The number of bytes received, 0 at the end of the stream, or a negated error.</returns>
    internal static int Receive(int fd, byte* buffer, int length)
    {
        while (true)
        {
            nint received = recv(fd, buffer, (nuint)length, 0);
            if (received >= 0)
            {
                return (int)received;
            }

            int errno = Errno;
            if (errno != EINTR)
            {
                return -errno;
            }
        }
    }

    /// <summary>Receives into several buffers, filling one after the other.</summary>
    /// <inheritdoc cref="Receive(int, byte*, int)" path="/returns"/>
    internal static int Receive(int fd, iovec* buffers, int count)
    {
        msghdr message = new() { msg_iov = buffers, msg_iovlen = (nuint)count };
        while (true)
        {
            nint received = recvmsg(fd, &message, 0);
            if (received >= 0)
            {
                return (int)received;
            }

            int errno = Errno;
            if (errno != EINTR)
            {
                return -errno;
            }
        }
    }

    /// <param name="fd">The socket.</param>
    /// <param name="buffer">The bytes.</param>
    /// <param name="length">Their number.</param>
    /// <param name="more">Whether more follows at once, so that a packet that is not full can wait for it.</param>
    /// <returns>The number of bytes the socket took, or a negated error.</returns>
    internal static int Send(int fd, byte* buffer, int length, bool more = false)
    {
        while (true)
        {
            nint sent = send(fd, buffer, (nuint)length, more ? MSG_NOSIGNAL | MSG_MORE : MSG_NOSIGNAL);
            if (sent >= 0)
            {
                return (int)sent;
            }

            int errno = Errno;
            if (errno != EINTR)
            {
                return -errno;
            }
        }
    }

    /// <inheritdoc cref="Send(int, byte*, int, bool)" path="/returns"/>
    internal static int Send(int fd, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* buffer = bytes)
        {
            return Send(fd, buffer, bytes.Length);
        }
    }

    /// <summary>Sends several buffers as one.</summary>
    /// <inheritdoc cref="Send(int, byte*, int, bool)" path="/returns"/>
    internal static int Send(int fd, iovec* buffers, int count, bool more = false)
    {
        msghdr message = new() { msg_iov = buffers, msg_iovlen = (nuint)count };
        while (true)
        {
            nint sent = sendmsg(fd, &message, more ? MSG_NOSIGNAL | MSG_MORE : MSG_NOSIGNAL);
            if (sent >= 0)
            {
                return (int)sent;
            }

            int errno = Errno;
            if (errno != EINTR)
            {
                return -errno;
            }
        }
    }

    /// <summary>Whether an error of sending says that the peer is gone.</summary>
    internal static bool IsPeerGone(int error) => error is -EPIPE or -ECONNRESET or -ETIMEDOUT or -EHOSTUNREACH or -ENETUNREACH;

    /// <summary>Tells the peer that nothing more will be sent.</summary>
    internal static void EndSending(int fd) => _ = shutdown(fd, SHUT_WR);

    /// <summary>
    /// Ends a connection at once in both directions, without closing the descriptor: TCP sends RST and drops what has not
    /// been delivered, a Unix socket's peer sees the end of the stream.
    /// </summary>
    internal static void Reset(int fd)
    {
        // "Connecting" a TCP socket to AF_UNSPEC dissolves the association (connect(2)); tcp_disconnect() sends the RST.
        byte* unspecified = stackalloc byte[16];
        new Span<byte>(unspecified, 16).Clear();
        if (connect(fd, unspecified, 16) < 0)
        {
            _ = shutdown(fd, SHUT_RDWR);
        }
    }

    /// <summary>Who is at the other end of a Unix socket; null for any other.</summary>
    internal static PeerCredentials? ReadPeer(int fd)
    {
        ucred credentials;
        uint length = (uint)sizeof(ucred);
        return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 && length == sizeof(ucred) && credentials.pid > 0
            ? new PeerCredentials(credentials.pid, credentials.uid)
            : null;
    }

    internal static void Close(int fd) => _ = close(fd);
}
