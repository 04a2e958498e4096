using System.Runtime.InteropServices;
using Darter.CPython;
using Darter.Gateway.Native;
using Darter.Wire;

namespace Darter.Gateway.Runtime;

internal sealed unsafe partial class Channel
{
    /// <summary>Sends all that is pending; waits without the GIL while the socket is full. Ends the process if the front is gone.</summary>
    public void Flush()
    {
        StopIfAbandoned();
        _waitingSince = 0;
        while (_outgoing.Length > 0)
        {
            fixed (byte* bytes = _outgoing.Span)
            {
                _outgoing.Consume(Send(bytes, _outgoing.Length));
            }
        }
    }

    /// <summary>
    /// Sends a region of a file as the next part of a body. The descriptor travels with what is pending, the frame last;
    /// the front has its own copy afterwards.
    /// </summary>
    public void SendFile(uint stream, int descriptor, long offset, long length)
    {
        Flush();
        FileRegion.Write(Writer.Begin(FileRegion.Size), offset, length);
        Writer.Complete(FrameType.File, FrameFlags.None, stream, FileRegion.Size);
        fixed (byte* bytes = _outgoing.Span)
        {
            _outgoing.Consume(Send(bytes, _outgoing.Length, descriptor));
        }

        Flush();
    }

    private int Send(byte* bytes, int count, int descriptor = -1)
    {
        nint sent = SendOnce(bytes, count, LibC.MSG_DONTWAIT | LibC.MSG_NOSIGNAL, descriptor, out int error);
        while (sent < 0)
        {
            if (error is not (LibC.EAGAIN or LibC.EINTR))
            {
                WorkerProcess.FrontGone();
            }

            using (GilReleased.Enter())
            {
                sent = SendOnce(bytes, count, LibC.MSG_NOSIGNAL, descriptor, out error);
            }
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
