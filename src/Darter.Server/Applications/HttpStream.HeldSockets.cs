using Darter.Server.Observability;
using Darter.Server.WebSockets.Events;
using Darter.Wire;
using Microsoft.AspNetCore.Http;

namespace Darter.Server.Applications;

/// <summary>
/// A request for a WebSocket, to an application that the front holds it for: it is sent as the event OPEN. An answer without
/// events is the answer to the client, like any other.
/// </summary>
internal sealed partial class HttpStream
{
    private HeldSocket? _heldSocket;
    private EventAnswer? _heldSocketAnswer;

    /// <summary>Whether the front holds the WebSocket that is asked for. False, and <see cref="_completed"/>: the request was refused.</summary>
    private bool PrepareHeldSocket(ISocketHub hub, ApplicationInterface application)
    {
        if (!hub.Holds(application))
        {
            ForgetHeldSocket();
            return false;
        }

        if (_handshake is null)
        {
            if (IsEvents(_request.Headers) && !_isOfOtherProxy)
            {
                Refuse(StatusCodes.Status403Forbidden, "only the front sends events of WebSockets (--hub-websockets off lets those of another gateway pass)");
            }

            return false;
        }

        // Another GRIP proxy before this one does what is to be done.
        if (_handshake.Status != 0 || (_application.Holder is { SignsRequests: true } ? _isOfOtherProxy : _request.Headers.ContainsKey("Grip-Sig")))
        {
            return false;
        }

        if (_heldSocket is null)
        {
            HeldSocket held = new(_application, hub, _request.RawTarget);
            if (!held.TryHold(this))
            {
                return false;
            }

            if (!EnsureBody(Opening.Length))
            {
                held.Abandon();
                Refuse(StatusCodes.Status503ServiceUnavailable, "the memory for request bodies is used up");
                return false;
            }

            _heldSocket = held;
        }

        Opening.CopyTo(_body);
        _bodyLength = Opening.Length;
        _hasBody = _bodyWhole = true;
        EventRequestFields fields = new(_request.Headers, _heldSocket.Id, PassesOn);
        _heldSocket.SetHead(new EventRequestHead(ToldHost, ToldPort, TargetOf(_request), StablePart(), fields, VariablesPart()));
        return true;
    }

    private static ReadOnlySpan<byte> Opening => "OPEN\r\n"u8;

    private void WriteOpening(HeldSocket held, FrameWriter writer, uint stream, ushort slot)
    {
        held.WriteHead(writer, stream, slot, _bodyLength);
        OnSent();
        _bodySent = 0;
        _bodyEndSent = false;
    }

    /// <summary>The head of an answer to OPEN came. False: it has no events, and is the answer to the client.</summary>
    private bool TakeOpeningAnswer(HeldSocket held, scoped in ResponseHead head, bool end)
    {
        if (!EventAnswer.HasEvents(head))
        {
            ForgetHeldSocket();
            return false;
        }

        _heldSocketAnswer = new EventAnswer(head);
        _application.Headers.Apply(head.Headers, _response.Headers);
        _heldSocketAnswer.Append(head.Body);
        _responseWindow -= head.Body.Length;
        if (end)
        {
            CompleteOpening(held);
        }

        return true;
    }

    private void AddToOpeningAnswer(EventAnswer answer, ReadOnlySpan<byte> bytes)
    {
        answer.Append(bytes);
        _responseWindow -= bytes.Length;
        if (answer.Error is not null)
        {
            _pool.Cancel(this);
            CompleteOpening(_heldSocket!);
        }
        else if (_responseWindow < ChannelFormat.InitialResponseWindow - GrantStep)
        {
            GrantResponse(ChannelFormat.InitialResponseWindow - _responseWindow);
            _responseWindow = ChannelFormat.InitialResponseWindow;
        }
    }

    /// <summary>The answer to OPEN is whole.</summary>
    private void CompleteOpening(HeldSocket held)
    {
        EventAnswer answer = _heldSocketAnswer!;
        _heldSocketAnswer = null;
        if (HeldSocket.Refusal(answer) is { } refusal)
        {
            answer.Dispose();
            Refuse(StatusCodes.Status502BadGateway, $"the application's answer to the event OPEN is malformed: {refusal}");
            return;
        }

        _heldSocket = null;
        foreach (string name in _response.Headers.Keys.Where(EventAnswer.IsForFront).ToArray())
        {
            _response.Headers.Remove(name);
        }

        BeginWebSocket();
        WebSocketConnection connection = new(_application, this, _handshake!.Deflate, held);
        held.Open(connection, answer);
        Start(connection, _handshake);
    }

    /// <summary>
    /// The client has left while the application thinks about its WebSocket: once it has accepted it, it is to be told.
    /// </summary>
    private bool AwaitsOpening()
    {
        if (_heldSocket is null || !IsSent || TryTakeBack())
        {
            return false;
        }

        _heldSocket.ClientLeft = true;
        return true;
    }

    /// <summary>The application has not accepted it, and nobody waits for its answer.</summary>
    private void LeaveOpening()
    {
        _pool.Cancel(this);
        SetEnd(RequestEnd.ClientLeft);
        Complete();
    }

    private void ForgetHeldSocket()
    {
        if (_heldSocket is { } held)
        {
            _heldSocket = null;
            held.Abandon();
            _hasBody = _bodyWhole = false;
            _bodyLength = 0;
        }

        _heldSocketAnswer?.Dispose();
        _heldSocketAnswer = null;
    }

    private bool PassesOn(string name) =>
        _application.Config.HeaderMap == Configuration.HeaderMap.Dangerous || !name.Contains('_', StringComparison.Ordinal) || AllowsUnderscore(name);

    private byte[] StablePart()
    {
        byte[] stable = new byte[RequestHead.FixedSize + _serverHost.Length];
        int length = RequestHead.WriteStable(
            stable, VersionOf(_request.Protocol), IsToldHttps, webSocket: false, _serverPort, _serverHost, IsMounted || _scriptName is not null, _isProxied, _variables is not null || IsMounted);
        return stable[..length];
    }

    private byte[] VariablesPart()
    {
        ReadOnlySpan<byte> mount = IsMounted ? _route!.MountVariable : default;
        if (_variables is null && mount.IsEmpty)
        {
            return [];
        }

        byte[] variables = new byte[2 + (_variables?.Variables.Length ?? 0) + mount.Length];
        WriteVariables(variables, _variables, mount);
        return variables;
    }

    private static bool IsEvents(IHeaderDictionary headers) =>
        headers.ContentType.Count > 0
        && headers.ContentType.ToString().AsSpan().Trim(" \t").StartsWith(SocketEventReader.MediaType, StringComparison.OrdinalIgnoreCase);
}
