using System.Buffers.Binary;
using Darter.CPython;
using Darter.Gateway.Runtime;
using Darter.Wire;

namespace Darter.Gateway.Asgi;

/// <summary>What comes from the front.</summary>
internal sealed partial class AsgiServer
{
    private void Handle(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        switch (header.Type)
        {
            case FrameType.Request:
                Start(header, payload);
                break;
            case FrameType.Drain when payload.IsEmpty:
                _isDraining = true;
                break;
            case FrameType.Body or FrameType.Window or FrameType.Cancel or FrameType.Message or FrameType.Close:
                // Otherwise it was on its way when the stream ended.
                if (_streams.TryGetValue(header.Stream, out AsgiExchange? exchange))
                {
                    Handle(exchange, header, payload);
                }

                break;
            default:
                Channel.Reject(FrameError.Unexpected, header.Type);
                break;
        }
    }

    private void Handle(AsgiExchange exchange, in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        bool isLast = (header.Flags & FrameFlags.End) != 0;
        bool isAllowed = true;
        switch (header.Type)
        {
            case FrameType.Body:
                isAllowed = exchange.TryTakeBody(payload, isLast);
                break;
            case FrameType.Message:
                isAllowed = exchange.TryTakeMessage(payload, isLast);
                break;
            case FrameType.Close:
                isAllowed = CloseMessage.TryRead(payload, out ushort code, out ReadOnlySpan<byte> reason) && exchange.TryTakeClose(code, reason);
                break;
            case FrameType.Window when payload.Length == sizeof(uint):
                exchange.OnWindow(BinaryPrimitives.ReadUInt32LittleEndian(payload));
                break;
            case FrameType.Cancel when payload.SequenceEqual(CancelReason.ClientGone):
                exchange.Cancel();
                break;
            case FrameType.Cancel when payload.SequenceEqual(CancelReason.ClientFinished):
                exchange.ClientFinished();
                break;
            case FrameType.Cancel when payload.SequenceEqual(CancelReason.TimedOut):
                exchange.TimeOut();
                break;
            default:
                Channel.Reject(FrameError.Payload, header.Type);
                break;
        }

        if (!isAllowed)
        {
            Channel.Reject(FrameError.Unexpected, header.Type);
        }
    }

    private void Start(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        bool hasBody = (header.Flags & FrameFlags.End) == 0;
        if (!RequestHead.TryRead(payload, out RequestHead head) || (head.Slot >= Claim.Slots && head.Slot != Claim.NoSlot) || (head.IsWebSocket && hasBody))
        {
            Channel.Reject(FrameError.Payload, header.Type);
        }

        if (_isDraining || _streams.ContainsKey(header.Stream))
        {
            Channel.Reject(FrameError.Unexpected, header.Type);
        }

        // A worker that was told to stop leaves what can be taken back to the front.
        if ((_isStopping && head.Slot != Claim.NoSlot) || !Channel.Claims.TryClaim(head.Slot, header.Stream))
        {
            return;
        }

        using NewReference scope = _scopes.Create(payload, head);
        AsgiExchange exchange = head.IsWebSocket ? BeginWebSocket(header.Stream, scope) : BeginHttp(header.Stream, scope, head, hasBody);
        _open++;
        Run(exchange, scope);
    }

    private WebSocketExchange BeginWebSocket(uint stream, BorrowedReference scope)
    {
        WebSocketExchange exchange = new(this);
        exchange.BeginHandshake(stream, scope);
        return exchange;
    }

    private HttpExchange BeginHttp(uint stream, BorrowedReference scope, in RequestHead head, bool hasBody)
    {
        HttpExchange exchange = _spareExchanges.Count > 0 ? _spareExchanges.Pop() : new HttpExchange(this);
        RequestBody? body = null;
        if (hasBody)
        {
            body = _spareBodies.Count > 0 ? _spareBodies.Pop() : new RequestBody();
            body.Reset(head.ContentLength);
        }

        exchange.Begin(stream, scope, head.Method.SequenceEqual("HEAD"u8), body);

        // What has come of the body is there before the application asks for it.
        while (body is { IsComplete: false } && Channel.IsNext(FrameType.Body, stream) && Channel.TryRead(out FrameHeader header, out ReadOnlySpan<byte> payload))
        {
            if (!body.TryAdd(payload, (header.Flags & FrameFlags.End) != 0))
            {
                Channel.Reject(FrameError.Unexpected, header.Type);
            }
        }

        return exchange;
    }
}
