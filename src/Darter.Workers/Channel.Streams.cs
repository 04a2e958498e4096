using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Darter.Wire;
using Microsoft.Win32.SafeHandles;

namespace Darter.Workers;

/// <summary>What comes from the worker for a request.</summary>
internal sealed partial class Channel
{
    private const int SwitchingProtocols = 101;

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

        if (inFlight.Stream is { } stream)
        {
            stream.IsFollowed = _isFollowed;
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
                bool end = (header.Flags & FrameFlags.End) != 0;
                if (!ResponseHead.TryRead(payload, out ResponseHead head) || (head.Status < 200 && (head.Status != SwitchingProtocols || end)))
                {
                    return FrameError.Payload;
                }

                if (stream is not null && (stream.IsUpgraded || (head.Status == SwitchingProtocols && !stream.CanUpgrade)))
                {
                    return FrameError.Unexpected;
                }

                if (end)
                {
                    EndOf(header.Stream, inFlight, head.ServiceTime);
                }

                stream?.OnResponse(head, end);
                return FrameError.None;

            case FrameType.Informational:
                if (!ResponseHead.TryRead(payload, out head) || head.Status >= 200 || head.Status == SwitchingProtocols)
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
                int bytes = payload.Length == 4 ? BinaryPrimitives.ReadInt32LittleEndian(payload) : 0;
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

                EndOf(header.Stream, inFlight, BinaryPrimitives.ReadInt64LittleEndian(payload));
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

            case FrameType.Message:
                if (!IsMessage(payload, (header.Flags & FrameFlags.End) != 0))
                {
                    return FrameError.Payload;
                }

                if (stream is { IsUpgraded: false })
                {
                    return FrameError.Unexpected;
                }

                stream?.OnMessage((MessageKind)payload[0], payload[1..], (header.Flags & FrameFlags.End) != 0);
                return FrameError.None;

            case FrameType.Close:
                if (!CloseMessage.TryRead(payload, out ushort code, out ReadOnlySpan<byte> reason))
                {
                    return FrameError.Payload;
                }

                if (stream is { IsUpgraded: false })
                {
                    return FrameError.Unexpected;
                }

                stream?.OnClose(code, reason);
                return FrameError.None;

            case FrameType.Trailers:
                if (!HeaderBlock.TryRead(payload, out HeaderBlock trailers, out ReadOnlySpan<byte> rest) || rest.Length > 0)
                {
                    return FrameError.Payload;
                }

                stream?.OnTrailers(trailers);
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

        if (++Worker.Served == Worker.MostServed)
        {
            _owner.OnWorn(Worker);
        }

        if (serviceTime > 0)
        {
            ServiceTime.Observe(serviceTime);
        }
    }

    /// <summary>Whether the payload of a MESSAGE frame is one that a worker may send.</summary>
    private static bool IsMessage(ReadOnlySpan<byte> payload, bool isLast) => !payload.IsEmpty && (MessageKind)payload[0] switch
    {
        MessageKind.Text or MessageKind.Binary => true,
        MessageKind.Ping => isLast && payload.Length <= 1 + CloseMessage.MaxSize,
        MessageKind.WatchPings => isLast && payload.Length == 1,
        _ => false,
    };

    private static StreamFailure FailureOf(AbortReason reason) => reason switch
    {
        AbortReason.BodyTooShort => StreamFailure.BodyTooShort,
        AbortReason.Cancelled => StreamFailure.Cancelled,
        _ => StreamFailure.ApplicationError,
    };
}
