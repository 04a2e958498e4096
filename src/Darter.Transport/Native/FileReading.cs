using System.Runtime.InteropServices;
using static Darter.Transport.Native.Libc;
using static Darter.Transport.Native.LibcConstants;

namespace Darter.Transport.Native;

/// <summary>
/// Reading at an offset. .NET's RandomAccess asks the system more about each file before it reads, which a file of a
/// kilobyte does not pay for, and it cannot say that it must not wait.
/// </summary>
internal static unsafe class FileReading
{
    /// <summary>Returns the number of bytes read, 0 at the end, or -1 if it would wait and <paramref name="mayWait"/> is false.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    internal static int Read(int descriptor, Span<byte> buffer, long offset, bool mayWait)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                nint count;
                if (mayWait)
                {
                    count = pread(descriptor, start, (nuint)buffer.Length, offset);
                }
                else
                {
                    iovec vector = new() { iov_base = start, iov_len = (nuint)buffer.Length };
                    count = preadv2(descriptor, &vector, 1, offset, RWF_NOWAIT);
                }

                if (count >= 0)
                {
                    return (int)count;
                }

                int errno = Errno;
                if (errno == EINTR)
                {
                    continue;
                }

                // Some file systems cannot tell whether they would wait.
                return !mayWait && errno is EAGAIN or EOPNOTSUPP or ENOSYS ? -1 : throw new IOException(Marshal.GetPInvokeErrorMessage(errno));
            }
        }
    }
}
