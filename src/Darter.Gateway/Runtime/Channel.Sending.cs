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
            bool hasRoom = Marshal.GetLastSystemError() == LibC.ETOOMANYREFS;
            LibC.pollfd socket = new() { fd = _socket, events = LibC.POLLOUT };
            IsBusy = true;
            using (GilReleased.Enter())
            {
                if (hasRoom)
                {
                    // Too many descriptors are on their way; only the front can change that, by reading.
                    Thread.Sleep(1);
                }
                else
                {
                    _ = LibC.poll(&socket, 1, -1);
                }
            }

            IsBusy = false;
        }
    }

    /// <summary>Sends what the socket takes of what is pending. False: it is full. Ends the process if the front is gone.</summary>
    public bool TryFlush()
    {
        StopIfAbandoned();
        TakeBack();
        _waitingSince = 0;
        while (_outgoing.Length > 0)
        {
            nint sent;
            fixed (byte* bytes = _outgoing.Span)
            {
                sent = SendOnce(bytes, out int passed);
                if (sent >= 0)
                {
                    _outgoing.Consume((int)sent);
                    _sent += sent;
                    ForgetDescriptors(passed);
                    continue;
                }
            }

            switch (Marshal.GetLastSystemError())
            {
                case LibC.EAGAIN or LibC.ETOOMANYREFS:
                    return false;
                case LibC.EINTR:
                    break;
                case LibC.EPIPE or LibC.ECONNRESET:
                    WorkerProcess.FrontGone();
                    break;
                case int error:
                    WorkerProcess.Fail($"{Name}: cannot send to the front: error {error}");
                    break;
            }
        }

        return true;
    }

    /// <summary>
    /// Writes that a region of a file is the next part of a body. The descriptor leaves with the frame or before; the front
    /// has its own copy afterwards.
    /// </summary>
    /// <param name="stream">The stream.</param>
    /// <param name="descriptor">The file.</param>
    /// <param name="offset">Where the region begins.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="closes">Whether the descriptor is to be closed once it is sent; if not, it must stay open until the next <see cref="Flush"/> returns.</param>
    public void WriteFile(uint stream, int descriptor, long offset, long length, bool closes)
    {
        FrameWriter writer = Writer;
        _descriptors.Enqueue(new PassedDescriptor(_sent + _outgoing.Length, descriptor, closes));
        FileRegion.Write(writer.Begin(FileRegion.Size), offset, length);
        writer.Complete(FrameType.File, FrameFlags.None, stream, FileRegion.Size);
    }

    /// <summary>Sends what goes in one call, with descriptors if there are some. Returns the bytes sent, -1 for none.</summary>
    private nint SendOnce(byte* bytes, out int passed)
    {
        const int Flags = LibC.MSG_DONTWAIT | LibC.MSG_NOSIGNAL;
        passed = 0;
        if (_descriptors.Count == 0)
        {
            return LibC.send(_socket, bytes, (nuint)_outgoing.Length, Flags);
        }

        // A frame must not come before its descriptor, so what is behind the last one that fits waits for the next call.
        LibC.cmsghdr_fds control = new() { cmsg_level = LibC.SOL_SOCKET, cmsg_type = LibC.SCM_RIGHTS };
        long end = _sent + _outgoing.Length;
        foreach (PassedDescriptor next in _descriptors)
        {
            if (passed == LibC.cmsghdr_fds.Room)
            {
                end = next.Position;
                break;
            }

            control.fd[passed++] = next.Descriptor;
        }

        control.cmsg_len = LibC.cmsghdr_fds.Length(passed);
        LibC.iovec vector = new() { iov_base = bytes, iov_len = (nuint)(end - _sent) };
        LibC.msghdr message = new()
        {
            msg_iov = &vector,
            msg_iovlen = 1,
            msg_control = &control,
            msg_controllen = LibC.cmsghdr_fds.Space(passed),
        };
        return LibC.sendmsg(_socket, &message, Flags);
    }

    private void ForgetDescriptors(int passed)
    {
        for (; passed > 0; passed--)
        {
            PassedDescriptor descriptor = _descriptors.Dequeue();
            if (descriptor.Closes)
            {
                _ = LibC.close(descriptor.Descriptor);
            }
        }
    }
}
