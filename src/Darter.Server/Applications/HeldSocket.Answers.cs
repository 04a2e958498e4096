using System.Buffers.Binary;
using Darter.Server.WebSockets;
using Darter.Server.WebSockets.Events;
using Darter.Wire;

namespace Darter.Server.Applications;

/// <summary>From the application: to the client, and to the front itself.</summary>
internal sealed partial class HeldSocket
{
    private ClientKeepAlive? _clientKeepAlive;
    private DelayedMessage? _delayed;
    private bool _isDetached;

    /// <summary>Does what an answer says, whose events have been verified.</summary>
    private void Take(EventAnswer answer, bool isOpening)
    {
        _keepAliveInterval = answer.KeepAliveInterval ?? _keepAliveInterval;
        foreach ((byte[] name, byte[] value) in answer.SetMeta)
        {
            if (!(_meta ??= new EventMeta()).TrySet(name, value))
            {
                Fail(CloseCode.InternalError, $"the application sets more than {EventMeta.MaxSize / 1024} KiB by Set-Meta");
                return;
            }
        }

        SocketEventReader reader = new(answer.Body);
        while (!_isOver && reader.TryRead(out SocketEvent found))
        {
            if (found.Type == SocketEventType.Open && !isOpening)
            {
                Fail(CloseCode.InternalError, "the application's answer is malformed: OPEN, and it was open");
                return;
            }

            isOpening &= found.Type != SocketEventType.Open;
            Take(found);
        }
    }

    private void Take(scoped in SocketEvent found)
    {
        switch (found.Type)
        {
            case SocketEventType.Text when _prefix is not null && found.Content.StartsWith("c:"u8):
                Control(found.Content[2..]);
                break;

            case SocketEventType.Text or SocketEventType.Binary:
                // GRIP: what does not have the prefix is not for the client.
                if (_prefix is null || found.Content.StartsWith(_prefix))
                {
                    Send(found.Type == SocketEventType.Text ? MessageKind.Text : MessageKind.Binary, found.Content[(_prefix?.Length ?? 0)..]);
                }

                break;

            case SocketEventType.Ping:
                // From now on the application wants to hear of pongs, whatever ping they answer.
                _passesPongs = true;
                Send(MessageKind.Ping, found.Content);
                break;

            case SocketEventType.Pong:
                Send(MessageKind.Pong, found.Content);
                break;

            case SocketEventType.Close:
                ushort code = found.Content.Length < 2 ? CloseCode.Normal : BinaryPrimitives.ReadUInt16BigEndian(found.Content);
                EndTowardsApplication();
                EndSubscriptions();
                _connection!.Close(CloseCode.IsAllowed(code) ? code : CloseCode.Normal, found.Content.Length < 2 ? default : found.Content[2..]);
                break;

            case SocketEventType.Disconnect:
                EndTowardsApplication();
                EndSubscriptions();
                _connection!.OnConnectionGone();
                break;
        }
    }

    private void Send(MessageKind kind, ReadOnlySpan<byte> content)
    {
        _connection!.Send(kind, content, end: true);
        _clientKeepAlive?.OnSent();
    }

    private void Control(ReadOnlySpan<byte> json)
    {
        if (!SocketControl.TryParse(json, out SocketControl? control, out string? error))
        {
            Fail(CloseCode.InternalError, $"the application's control message is malformed: {error}");
            return;
        }

        if (_isClosed)
        {
            // Nobody is there to get it.
            return;
        }

        switch (control.Type)
        {
            case SocketControlType.Subscribe:
                if (_subscription?.Subscribe(control.Channel, control.PrevId, control.Filters) is { } refusal)
                {
                    Fail(CloseCode.InternalError, $"it cannot be subscribed: {refusal}");
                }

                break;

            case SocketControlType.Unsubscribe:
                _subscription?.Unsubscribe(control.Channel);
                break;

            case SocketControlType.SetMeta:
                _subscription?.SetMeta(control.Name, control.Value);
                break;

            case SocketControlType.Detach:
                _isDetached = true;
                DropMessage();
                DropPending();
                _keepAliveTimer?.Cancel();
                _connection!.Resume();
                break;

            case SocketControlType.KeepAlive:
                _clientKeepAlive?.Stop();
                _clientKeepAlive = control.Content is null ? null : new ClientKeepAlive(_loop, control, SendByFront);
                break;

            case SocketControlType.SendDelayed:
                _delayed ??= new DelayedMessage(_loop, SendByFront);
                _delayed.Set(control);
                break;

            case SocketControlType.FlushDelayed:
                _delayed?.Flush();
                break;

            default:
                PythonApplication.Log.UnknownControl(_application.Logger, _target, Id);
                break;
        }
    }

    private void SendByFront(MessageKind kind, byte[] content) => Send(kind, content);
}
