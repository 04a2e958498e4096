using System.Runtime.InteropServices;
using Darter.CPython;
using Darter.Gateway.Native;
using Darter.Wire;

namespace Darter.Gateway.Runtime;

internal sealed unsafe partial class Channel
{
    /// <summary>A descriptor to leave with what is pending, or -1.</summary>
    private int _descriptor = -1;

    /// <summary>Sends all that is pending; waits without the GIL while the socket is full. Ends the process if the front is gone.</summary>
    public void Flush()
    {
        StopIfAbandoned();
        TakeBack();
        _waitingSince = 0;
        while (_outgoing.Length > 0)
        {
            fixed (byte* bytes = _outgoing.Span)
            {
                _outgoing.Consume(Send(bytes, _outgoing.Length, _descriptor));
            }

            // It has left with the first byte.
            _descriptor = -1;
        }
    }

    /// <summary>
    /// Writes a region of a file as the next part of a body. The descriptor leaves with the next <see cref="Flush"/>, before
    /// which the file must not be closed; the front has its own copy afterwards.
    /// </summary>
    public void WriteFile(uint stream, int descriptor, long offset, long length)
    {
        FileRegion.Write(Writer.Begin(FileRegion.Size), offset, length);
        Writer.Complete(FrameType.File, FrameFlags.None, stream, FileRegion.Size);
        _descriptor = descriptor;
    }

    private int Send(byte* bytes, int count, int descriptor)
    {
        nint sent = SendOnce(bytes, count, LibC.MSG_DONTWAIT | LibC.MSG_NOSIGNAL, descriptor, out int error);
        while (sent < 0)
        {
            if (error is LibC.EPIPE or LibC.ECONNRESET)
            {
                WorkerProcess.FrontGone();
            }

            if (error is not (LibC.EAGAIN or LibC.EINTR or LibC.ETOOMANYREFS))
            {
                WorkerProcess.Fail($"{Name}: cannot send to the front: error {error}");
            }

            IsBusy = true;
            using (GilReleased.Enter())
            {
                if (error == LibC.ETOOMANYREFS)
                {
                    // Too many descriptors are on their way; only the front can change that, by reading.
                    Thread.Sleep(1);
                }

                sent = SendOnce(bytes, count, LibC.MSG_NOSIGNAL, descriptor, out error);
            }

            IsBusy = false;
        }

        return (int)sent;
    }

    private nint SendOnce(byte* bytes, int count, int flags, int descriptor, out int error)
    {
        nint sent = descriptor < 0
            ? LibC.send(_socket, bytes, (nuint)count, flags)
            : SendWithDescriptor(bytes, count, flags, descriptor);
        error = sent < 0 ? Marshal.GetLastSystemError() : 0;
        return sent;
    }

    private nint SendWithDescriptor(byte* bytes, int count, int flags, int descriptor)
    {
        LibC.iovec vector = new() { iov_base = bytes, iov_len = (nuint)count };
        LibC.cmsghdr_fd control = new()
        {
            cmsg_len = LibC.cmsghdr_fd.Length,
            cmsg_level = LibC.SOL_SOCKET,
            cmsg_type = LibC.SCM_RIGHTS,
            fd = descriptor,
        };
        LibC.msghdr message = new()
        {
            msg_iov = &vector,
            msg_iovlen = 1,
            msg_control = &control,
            msg_controllen = (nuint)sizeof(LibC.cmsghdr_fd),
        };
        return LibC.sendmsg(_socket, &message, flags);
    }
}
