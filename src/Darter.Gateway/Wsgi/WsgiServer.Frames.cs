using System.Buffers.Binary;
using Darter.Gateway.Runtime;
using Darter.Wire;

namespace Darter.Gateway.Wsgi;

internal sealed partial class WsgiServer
{
    private void Handle(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        switch (header.Type)
        {
            case FrameType.Request:
                _queue.Add(header.Stream, payload, Accept(header, payload, out _));
                break;
            case FrameType.Body:
                AddToBody(header, payload);
                break;
            case FrameType.Window:
                Grant(header, payload);
                break;
            case FrameType.Cancel:
                Cancel(header);
                break;
            case FrameType.Drain when payload.IsEmpty:
                _isDraining = true;
                break;
            default:
                _channel.Reject(FrameError.Unexpected, header.Type);
                break;
        }
    }

    /// <summary>Verifies the head of a new request and gives it a place for its body, if one comes.</summary>
    private RequestBody? Accept(in FrameHeader header, ReadOnlySpan<byte> payload, out RequestHead head)
    {
        if (!RequestHead.TryRead(payload, out head) || (head.Slot >= Claim.Slots && head.Slot != Claim.NoSlot))
        {
            _channel.Reject(FrameError.Payload, header.Type);
        }

        if (_isDraining || header.Stream == Request.Stream || _queue.Find(header.Stream) is not null)
        {
            _channel.Reject(FrameError.Unexpected, header.Type);
        }

        if ((header.Flags & FrameFlags.End) != 0)
        {
            return null;
        }

        RequestBody body = _spareBodies.Count > 0 ? _spareBodies.Pop() : new RequestBody();
        body.Reset(head.ContentLength);
        return body;
    }

    private void AddToBody(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        bool isCurrent = header.Stream == Request.Stream;
        QueuedRequest? queued = isCurrent ? null : _queue.Find(header.Stream);
        if (!isCurrent && queued is null)
        {
            // What is still on its way for a stream that has ended.
            return;
        }

        RequestBody? body = isCurrent ? Request.Body : queued!.Body;
        if (body is null || !body.TryAdd(payload, (header.Flags & FrameFlags.End) != 0))
        {
            _channel.Reject(FrameError.Unexpected, header.Type);
        }
    }

    private void Grant(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (payload.Length != sizeof(uint))
        {
            _channel.Reject(FrameError.Payload, header.Type);
        }

        if (header.Stream == Request.Stream)
        {
            Response.Grant(BinaryPrimitives.ReadUInt32LittleEndian(payload));
        }
    }

    private void Cancel(in FrameHeader header)
    {
        if (header.Stream == Request.Stream)
        {
            Request.Cancel();
        }
        else if (_queue.Find(header.Stream) is { } queued)
        {
            queued.IsCancelled = true;
        }
    }
}
