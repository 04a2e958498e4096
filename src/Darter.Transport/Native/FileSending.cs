using System.Buffers;
using static Darter.Transport.Native.Libc;
using static Darter.Transport.Native.LibcConstants;

namespace Darter.Transport.Native;

/// <summary>Sending a file's bytes over a socket.</summary>
internal static unsafe class FileSending
{
    // It is still in the processor's cache when the peer reads it: with twice as much a large file took 1.7 times as long.
    private const int CopySize = 64 * 1024;

    /// <summary>Sends bytes of a file over a non-blocking socket without taking them into the process (sendfile(2)).</summary>
    /// <returns>The number of bytes the socket took, 0 at the end of the file, <see cref="StreamSocket.WouldBlock"/>, or a negated error.</returns>
    internal static int Send(int socket, int file, long offset, int count)
    {
        while (true)
        {
            long position = offset;
            nint sent = sendfile(socket, file, &position, (nuint)count);
            if (sent >= 0)
            {
                return (int)sent;
            }

            switch (Errno)
            {
                case EINTR:
                    continue;
                case EINVAL or ENOSYS or EOPNOTSUPP:
                    // A file system without splicing.
                    return Copy(socket, file, offset, count);
                case int errno:
                    return -errno;
            }
        }
    }

    /// <summary>As <see cref="Send"/>, by reading and writing some of the bytes, or all.</summary>
    /// <inheritdoc cref="Send" path="/returns"/>
    internal static int Copy(int socket, int file, long offset, int count)
    {
        count = Math.Min(count, CopySize);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(count);
        try
        {
            fixed (byte* start = buffer)
            {
                while (true)
                {
                    nint read = pread(file, start, (nuint)count, offset);
                    if (read >= 0)
                    {
                        return read == 0 ? 0 : StreamSocket.Send(socket, start, (int)read);
                    }

                    int errno = Errno;
                    if (errno != EINTR)
                    {
                        return -errno;
                    }
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
