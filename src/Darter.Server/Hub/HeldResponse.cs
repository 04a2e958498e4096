using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Hub;

/// <summary>
/// <c>Grip-Hold: response</c>: the first message is the response; if there is none in time, the application's own answer is.
/// </summary>
internal sealed class HeldResponse : HeldConnection
{
    // What describes the application's own body, and no other.
    private static readonly string[] s_ofTheBody = ["Content-Encoding", "Content-Range", "ETag", "Last-Modified", "Content-MD5", "Digest", "Content-Digest", "Trailer"];

    private readonly ArrayBufferWriter<byte> _body = new();

    // The first message; set once, on any thread.
    private HubResponseMessage? _message;
    private volatile bool _isClosed;
    private bool _hasBody;
    private bool _isAnswered;

    internal HeldResponse(AnswerHolder holder, GripInstruct instruct, IFeatureCollection features, IHoldOwner owner)
        : base(holder, instruct, features, owner)
    {
    }

    /// <inheritdoc/>
    public override string Kind => "response";

    /// <inheritdoc/>
    public override int Buffered => 0;

    /// <inheritdoc/>
    public override void OnBody(ReadOnlySpan<byte> bytes)
    {
        if (IsEnding)
        {
            return;
        }

        if (_body.WrittenCount + bytes.Length > Holder.Config.MaxMessage)
        {
            Http!.Owner.RefuseHold(
                StatusCodes.Status500InternalServerError,
                $"its answer, which is to be held, has a body of more than {Holder.Config.MaxMessage} bytes (--hub-max-message)");
            return;
        }

        _body.Write(bytes);
    }

    /// <inheritdoc/>
    public override void OnBodyEnd()
    {
        _hasBody = true;
        IsClosing |= Holder.Held.IsGoingAway;
        if (!IsEnding)
        {
            Advance();
        }
    }

    /// <inheritdoc/>
    public override bool Deliver(HubItem item, bool isReplay)
    {
        if (item.Response is not { Action: HubAction.Send or HubAction.Close } message || (isReplay && message.Action == HubAction.Close))
        {
            return false;
        }

        if (message.Action == HubAction.Close)
        {
            _isClosed = true;
        }
        else if (Interlocked.CompareExchange(ref _message, message, null) is not null)
        {
            return false;
        }

        Schedule();
        return true;
    }

    /// <inheritdoc/>
    protected override void Advance()
    {
        if (_isAnswered)
        {
            if (!IsWriting)
            {
                End();
            }
        }
        else if (_hasBody && Volatile.Read(ref _message) is { } message)
        {
            Answer(message);
        }
        else if (_hasBody && (_isClosed || IsClosing))
        {
            AnswerWithOwn();
        }
    }

    /// <inheritdoc/>
    protected override void OnTimeHeld(long now)
    {
        if (_hasBody && !_isAnswered && Volatile.Read(ref _message) is null && now - BeganAt >= Instruct.Timeout.TotalMilliseconds)
        {
            AnswerWithOwn();
        }
    }

    private void Answer(HubResponseMessage message)
    {
        IHttpResponseFeature response = Http!.Response;
        response.StatusCode = message.Status;
        response.ReasonPhrase = message.Reason.Length > 0 ? message.Reason : null;

        // The fields of the application's own answer stay, as far as the message does not have them.
        IHeaderDictionary headers = response.Headers;
        Array.ForEach(s_ofTheBody, name => headers.Remove(name));
        MessageFields.Apply(message, headers);
        Send(message.Body);
    }

    private void AnswerWithOwn() => Send(_body.WrittenMemory);

    private void Send(ReadOnlyMemory<byte> body)
    {
        _isAnswered = true;
        IHttpResponseFeature response = Http!.Response;
        bool hasBody = response.StatusCode is not (StatusCodes.Status204NoContent or StatusCodes.Status304NotModified);
        response.Headers.ContentLength = hasBody ? body.Length : null;
        if (hasBody)
        {
            Write(body.Span);
            Flush();
        }

        if (!IsWriting && !IsEnding)
        {
            End();
        }
    }
}
