using System.Diagnostics;
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

    private void Receive(bool peerClosed)
    {
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

    private FrameError OnLogFrame(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < 1 || payload[0] is < 1 or > 3)
        {
            return FrameError.Payload;
        }

        _owner.OnLog(this, (WorkerLogLevel)payload[0], Encoding.UTF8.GetString(payload[1..]));
        return FrameError.None;
    }

    private FrameError OnStreamFrame(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        SafeFileHandle? file = null;
        if (header.Type == FrameType.File && !_files.TryDequeue(out file))
        {
            return FrameError.Payload;
        }

        if (!_streams.TryGetValue(header.Stream, out InFlight inFlight))
        {
            file?.Dispose();
            return FrameError.Stream;
        }

        try
        {
            return Deliver(header, payload, inFlight, file);
        }
        catch (Exception exception) when (inFlight.Stream is not null)
        {
            // One request's trouble with its client must not become the trouble of all others on the channel.
            inFlight.Stream.OnBroken(exception);
            return FrameError.None;
        }
    }

    private FrameError Deliver(in FrameHeader header, ReadOnlySpan<byte> payload, in InFlight inFlight, SafeFileHandle? file)
    {
        WorkerStream? stream = inFlight.Stream;
        switch (header.Type)
        {
            case FrameType.Response:
                if (!ResponseHead.TryRead(payload, out ResponseHead head) || head.Status < 200)
                {
                    return FrameError.Payload;
                }

                bool end = (header.Flags & FrameFlags.End) != 0;
                if (end)
                {
                    EndOf(header.Stream, inFlight, head.ServiceTime);
                }

                stream?.OnResponse(head, end);
                return FrameError.None;

            case FrameType.Informational:
                if (!ResponseHead.TryRead(payload, out head) || head.Status >= 200)
                {
                    return FrameError.Payload;
                }

                stream?.OnInformational(head);
                return FrameError.None;

            case FrameType.Body:
                stream?.OnBody(payload);
                return FrameError.None;

            case FrameType.File:
                if (!FileRegion.TryRead(payload, out long offset, out long length))
                {
                    file!.Dispose();
                    return FrameError.Payload;
                }

                if (stream is null)
                {
                    file!.Dispose();
                }
                else
                {
                    stream.OnFile(file!, offset, length);
                }

                return FrameError.None;

            case FrameType.Window:
                int bytes = payload.Length == 4 ? System.Buffers.Binary.BinaryPrimitives.ReadInt32LittleEndian(payload) : 0;
                if (bytes <= 0)
                {
                    return FrameError.Payload;
                }

                stream?.OpenWindow(bytes);
                return FrameError.None;

            case FrameType.End:
                if (payload.Length != 8)
                {
                    return FrameError.Payload;
                }

                EndOf(header.Stream, inFlight, System.Buffers.Binary.BinaryPrimitives.ReadInt64LittleEndian(payload));
                stream?.OnEnd();
                return FrameError.None;

            case FrameType.Abort:
                if (payload.Length < 1 || payload[0] is < 1 or > 3)
                {
                    return FrameError.Payload;
                }

                EndOf(header.Stream, inFlight, serviceTime: 0);
                stream?.OnFailed(FailureOf((AbortReason)payload[0]), Encoding.UTF8.GetString(payload[1..]));
                return FrameError.None;

            default:
                return FrameError.Unexpected;
        }
    }

    private void EndOf(uint id, in InFlight inFlight, long serviceTime)
    {
        if (inFlight.Stream is { } stream)
        {
            Detach(stream);
        }

        Forget(id, inFlight.Slot);
        IsOverdue = false;
        if (_streams.Count > 0)
        {
            LastProgress = Stopwatch.GetTimestamp();
        }

        if (serviceTime > 0)
        {
            ServiceTime.Observe(serviceTime);
        }
    }

    private static StreamFailure FailureOf(AbortReason reason) => reason switch
    {
        AbortReason.BodyTooShort => StreamFailure.BodyTooShort,
        AbortReason.Cancelled => StreamFailure.Cancelled,
        _ => StreamFailure.ApplicationError,
    };
}
