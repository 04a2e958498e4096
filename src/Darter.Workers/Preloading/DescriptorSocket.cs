using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Darter.Workers.Native;
using Microsoft.Win32.SafeHandles;

namespace Darter.Workers.Preloading;

/// <summary>The front's end of a socket that carries messages, and descriptors with them (SCM_RIGHTS of unix(7)).</summary>
internal sealed class DescriptorSocket : IDisposable
{
    /// <summary>How many descriptors a message may carry; the kernel takes 253.</summary>
    internal const int MaxDescriptors = 200;

    // An answer has a traceback at most.
    private const int MaxMessage = 256 * 1024;

    private readonly Socket _socket;

    internal DescriptorSocket(SafeFileHandle handle)
    {
        _socket = new Socket(new SafeSocketHandle(handle.DangerousGetHandle(), ownsHandle: true));
        handle.SetHandleAsInvalid();
    }

    /// <summary>Sends a message. Any thread.</summary>
    /// <exception cref="IOException">The other side is gone.</exception>
    internal unsafe void Send(ReadOnlySpan<byte> message, ReadOnlySpan<int> descriptors = default)
    {
        int size = sizeof(Libc.cmsghdr) + (descriptors.Length * sizeof(int));
        int space = (size + sizeof(nuint) - 1) & ~(sizeof(nuint) - 1);
        byte* control = stackalloc byte[space];
        Libc.cmsghdr* header = (Libc.cmsghdr*)control;
        header->cmsg_len = (nuint)size;
        header->cmsg_level = Libc.SOL_SOCKET;
        header->cmsg_type = Libc.SCM_RIGHTS;
        descriptors.CopyTo(new Span<int>(header + 1, descriptors.Length));
        fixed (byte* bytes = message)
        {
            Libc.iovec vector = new() { iov_base = bytes, iov_len = (nuint)message.Length };
            Libc.msghdr parts = new() { msg_iov = &vector, msg_iovlen = 1 };
            if (!descriptors.IsEmpty)
            {
                parts.msg_control = control;
                parts.msg_controllen = (nuint)space;
            }

            nint sent;
            do
            {
                sent = Libc.sendmsg((int)_socket.Handle, &parts, Libc.MSG_NOSIGNAL);
            }
            while (sent < 0 && Marshal.GetLastPInvokeError() == Libc.EINTR);

            if (sent < 0)
            {
                throw new IOException(new Win32Exception(Marshal.GetLastPInvokeError()).Message);
            }
        }
    }

    /// <summary>Waits for a message; empty at the end.</summary>
    /// <exception cref="IOException">None came within <paramref name="time"/>.</exception>
    internal byte[] Receive(TimeSpan? time)
    {
        _socket.ReceiveTimeout = time is { } limit ? (int)limit.TotalMilliseconds : 0;
        byte[] buffer = new byte[MaxMessage];
        try
        {
            int length = _socket.Receive(buffer);
            return buffer[..length];
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
        {
            return [];
        }
        catch (SocketException exception)
        {
            throw new IOException(exception.Message, exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
