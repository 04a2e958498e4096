using System.Runtime.InteropServices;
using System.Text;
using Darter.Wire;
using Darter.Workers.Native;
using Microsoft.Win32.SafeHandles;

namespace Darter.Workers;

/// <summary>What comes from the worker.</summary>
internal sealed partial class Channel
{
    private const int ReceiveSize = 64 * 1024;
    private const int MaxFilesAtOnce = 16;

    private readonly OutgoingBuffer _receiveBuffer = new(2 * ReceiveSize);
    private readonly Queue<SafeFileHandle> _files = new();
    private FrameReader _reader;
    private bool _isFollowed;

    private void Receive(bool peerClosed)
    {
        AvoidedUntil = 0;
        bool more;
        do
        {
            int space = Math.Max(ReceiveSize, FrameReader.SizeOfNext(_receiveBuffer.Span) - _receiveBuffer.Length);
            int received = ReceiveInto(_receiveBuffer.GetSpan(space), out bool files);
            if (received <= 0)
            {
                if (received == 0)
                {
                    // Within a frame, too: the worker was killed while it wrote. Its exit status tells more.
                    Close();
                }

                break;
            }

            // Less than was asked for means that nothing is left, unless a descriptor came, since a read ends behind one, or
            // the end is still to be read, of which no further event tells.
            more = files || peerClosed || received >= space;
            _receiveBuffer.Advance(received);
        }
        while (ReadFrames() && more);

        if (State is ChannelState.Ready or ChannelState.Draining)
        {
            _owner.OnProgress(this);
        }
    }

    /// <summary>Returns the number of bytes, 0 at the end, -1 when nothing is there.</summary>
    private unsafe int ReceiveInto(Span<byte> destination, out bool files)
    {
        const int ControlSize = 16 + (MaxFilesAtOnce * sizeof(int));
        byte* control = stackalloc byte[ControlSize];
        fixed (byte* bytes = destination)
        {
            Libc.iovec vector = new() { iov_base = bytes, iov_len = (nuint)destination.Length };
            Libc.msghdr message = new() { msg_iov = &vector, msg_iovlen = 1, msg_control = control, msg_controllen = ControlSize };
            nint received;
            do
            {
                received = Libc.recvmsg(Descriptor, &message, Libc.MSG_DONTWAIT | Libc.MSG_CMSG_CLOEXEC);
            }
            while (received < 0 && Marshal.GetLastPInvokeError() == Libc.EINTR);

            files = message.msg_controllen > 0 && received > 0 && TakeFiles((Libc.cmsghdr*)control, message.msg_controllen);
            if (received < 0 && Marshal.GetLastPInvokeError() != Libc.EAGAIN)
            {
                return 0;
            }

            return (int)received;
        }
    }

    private unsafe bool TakeFiles(Libc.cmsghdr* control, nuint length)
    {
        if (length < (nuint)sizeof(Libc.cmsghdr) || control->cmsg_level != Libc.SOL_SOCKET || control->cmsg_type != Libc.SCM_RIGHTS)
        {
            return false;
        }

        int count = (int)(control->cmsg_len - (nuint)sizeof(Libc.cmsghdr)) / sizeof(int);
        int* descriptors = (int*)(control + 1);
        for (int i = 0; i < count; i++)
        {
            _files.Enqueue(new SafeFileHandle(descriptors[i], ownsHandle: true));
        }

        return true;
    }

    private bool ReadFrames()
    {
        ReadOnlySpan<byte> rest = _receiveBuffer.Span;
        while (true)
        {
            FrameStatus status = _reader.TryRead(ref rest, out FrameHeader header, out ReadOnlySpan<byte> payload, out FrameError error);
            if (status == FrameStatus.NeedMore)
            {
                break;
            }

            if (status == FrameStatus.Frame)
            {
                _isFollowed = IsFollowed(header, rest);
                error = Handle(header, payload);
                if (State == ChannelState.Closed)
                {
                    return false;
                }
            }

            if (error != FrameError.None)
            {
                Close($"sent an invalid frame (number {_reader.Count}, type {(byte)header.Type}: {error})");
                return false;
            }
        }

        _receiveBuffer.Consume(_receiveBuffer.Length - rest.Length);
        return true;
    }

    /// <summary>Whether more of the response, or its end, comes next and is here already.</summary>
    private bool IsFollowed(in FrameHeader header, ReadOnlySpan<byte> rest) =>
        header.Type is FrameType.Response or FrameType.Body
        && _reader.TryPeek(rest, out FrameHeader next)
        && next.Stream == header.Stream
        && next.Type is FrameType.Body or FrameType.End;

    private FrameError Handle(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.Type == FrameType.Hello ? State is not (ChannelState.Opening or ChannelState.Draining) : State == ChannelState.Opening)
        {
            return FrameError.Unexpected;
        }

        return header.Type switch
        {
            FrameType.Hello => OnHello(payload),
            FrameType.Ready => OnReadyFrame(payload),
            FrameType.Failed => OnFailedFrame(payload),
            FrameType.Log => OnLogFrame(payload),
            FrameType.Drain => OnDrainFrame(payload),
            >= FrameType.Request => OnStreamFrame(header, payload),
            _ => FrameError.Unexpected,
        };
    }

    private FrameError OnHello(ReadOnlySpan<byte> payload)
    {
        if (!HelloMessage.TryRead(payload, _token, out _, out _))
        {
            return FrameError.Payload;
        }

        IsGreeted = true;
        Span<byte> hello = stackalloc byte[HelloMessage.Size];
        HelloMessage.Write(hello, Environment.ProcessId, _token);
        _writer.Write(FrameType.Hello, FrameFlags.None, 0, hello);
        if (State == ChannelState.Opening)
        {
            State = ChannelState.Loading;
        }
        else
        {
            _writer.Write(FrameType.Drain, FrameFlags.None, 0);
        }

        ScheduleFlush();
        return FrameError.None;
    }

    private FrameError OnReadyFrame(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < 1 || payload[0] is < 1 or > 3)
        {
            return FrameError.Payload;
        }

        if (State == ChannelState.Loading)
        {
            State = ChannelState.Ready;
            Application = (ApplicationInterface)payload[0];
            IsEventLoop = Application != ApplicationInterface.Wsgi;
            _owner.OnReady(this, Encoding.UTF8.GetString(payload[1..]));
        }

        return FrameError.None;
    }

    private FrameError OnFailedFrame(ReadOnlySpan<byte> payload)
    {
        if (State == ChannelState.Ready)
        {
            return FrameError.Unexpected;
        }

        _owner.OnLoadFailed(this, Encoding.UTF8.GetString(payload));
        return FrameError.None;
    }

    private FrameError OnDrainFrame(ReadOnlySpan<byte> payload)
    {
        if (!payload.IsEmpty)
        {
            return FrameError.Payload;
        }

        if (State is ChannelState.Loading or ChannelState.Ready)
        {
            _owner.OnLeaving(this);
        }

        return FrameError.None;
    }

    private FrameError OnLogFrame(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < 1 || payload[0] is < 1 or > 3)
        {
            return FrameError.Payload;
        }

        _owner.OnLog(this, (WorkerLogLevel)payload[0], Encoding.UTF8.GetString(payload[1..]));
        return FrameError.None;
    }
}
