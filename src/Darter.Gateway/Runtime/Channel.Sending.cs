using System.Runtime.InteropServices;
using Darter.CPython;
using Darter.Gateway.Native;
using Darter.Wire;

namespace Darter.Gateway.Runtime;

internal sealed unsafe partial class Channel
{
    private readonly Queue<PassedDescriptor> _descriptors = new();
    private long _sent;

    /// <summary>Sends all that is pending; waits without the GIL while the socket is full. Ends the process if the front is gone.</summary>
    public void Flush()
    {
        while (!TryFlush())
        {
            LibC.pollfd poll = new() { fd = _socket, events = LibC.POLLOUT };
            using (GilReleased.Enter())
            {
                _ = LibC.poll(&poll, 1, -1);
            }
        }
    }

    /// <summary>Sends what the socket takes of what is pending. False: it is full. Ends the process if the front is gone.</summary>
    public bool TryFlush()
    {
        StopIfAbandoned();
        _waitingSince = 0;
        while (_outgoing.Length > 0)
        {
            fixed (byte* bytes = _outgoing.Span)
            {
                nint sent = SendOnce(bytes);
                if (sent >= 0)
                {
                    _outgoing.Consume((int)sent);
                    _sent += sent;
                }
                else if (Marshal.GetLastSystemError() is LibC.EAGAIN)
                {
                    return false;
                }
                else if (Marshal.GetLastSystemError() is not LibC.EINTR)
                {
                    WorkerProcess.FrontGone();
                }
            }
        }

        return true;
    }

    /// <summary>
    /// Writes that a region of a file is the next part of a body. The descriptor travels with the frame; the front has
    /// its own copy afterwards.
    /// </summary>
    /// <param name="stream">The stream.</param>
    /// <param name="descriptor">The file.</param>
    /// <param name="offset">Where the region begins.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="closes">Whether the descriptor is to be closed once it is sent; if not, it must stay open until the next flush.</param>
    public void WriteFile(uint stream, int descriptor, long offset, long length, bool closes)
    {
        _descriptors.Enqueue(new PassedDescriptor(_sent + _outgoing.Length, descriptor, closes));
        FileRegion.Write(Writer.Begin(FileRegion.Size), offset, length);
        Writer.Complete(FrameType.File, FrameFlags.None, stream, FileRegion.Size);
    }

    /// <summary>Sends what goes in one call: up to the next descriptor, or from it on.</summary>
    private nint SendOnce(byte* bytes)
    {
        const int Flags = LibC.MSG_DONTWAIT | LibC.MSG_NOSIGNAL;
        if (!_descriptors.TryPeek(out PassedDescriptor next))
        {
            return LibC.send(_socket, bytes, (nuint)_outgoing.Length, Flags);
        }

        if (next.Position > _sent)
        {
            return LibC.send(_socket, bytes, (nuint)(next.Position - _sent), Flags);
        }

        nint sent = SendWithDescriptor(bytes, FrameHeader.Size + FileRegion.Size, Flags, next.Descriptor);
        if (sent > 0)
        {
            _ = _descriptors.Dequeue();
            if (next.Closes)
            {
                _ = LibC.close(next.Descriptor);
            }
        }

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
