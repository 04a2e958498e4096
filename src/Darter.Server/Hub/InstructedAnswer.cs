using System.Buffers;
using Darter.Server.Observability;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Hub;

/// <summary>An answer of the type <c>application/grip-instruct</c>: once its body is here, it says what is to be done.</summary>
internal sealed class InstructedAnswer(AnswerHolder holder, IFeatureCollection features, IHoldOwner owner) : IHeldAnswer
{
    private readonly ArrayBufferWriter<byte> _json = new();
    private HeldConnection? _held;
    private bool _isOver;

    /// <inheritdoc/>
    public bool IsStarted => _held is { IsStarted: true };

    /// <inheritdoc/>
    public int Buffered => 0;

    /// <inheritdoc/>
    public void OnBody(ReadOnlySpan<byte> bytes)
    {
        if (_isOver)
        {
            return;
        }

        if (_json.WrittenCount + bytes.Length > holder.Config.MaxMessage)
        {
            _isOver = true;
            owner.RefuseHold(
                StatusCodes.Status500InternalServerError,
                $"its {GripInstructJson.ContentType} has more than {holder.Config.MaxMessage} bytes (--hub-max-message)");
            return;
        }

        _json.Write(bytes);
    }

    /// <inheritdoc/>
    public void OnBodyEnd()
    {
        if (_isOver)
        {
            return;
        }

        _isOver = true;
        IHttpResponseFeature response = features.GetRequiredFeature<IHttpResponseFeature>();
        try
        {
            if (response.StatusCode != StatusCodes.Status200OK)
            {
                throw new GripException($"{GripInstructJson.ContentType} must come with status 200, not {response.StatusCode}");
            }

            (GripInstruct instruct, HubResponseMessage answer) = GripInstructJson.Read(_json.WrittenMemory);
            WriteHead(response, answer);
            if (instruct.Hold == GripHold.None)
            {
                Answer(response, answer.Body);
            }
            else
            {
                _held = holder.Begin(instruct, features, owner);
                _held?.OnBody(answer.Body.Span);
                _held?.OnBodyEnd();
            }
        }
        catch (GripException exception)
        {
            owner.RefuseHold(StatusCodes.Status500InternalServerError, $"its answer cannot be held: {exception.Message}");
        }
    }

    /// <inheritdoc/>
    public void Abandon()
    {
        _isOver = true;
        if (_held is null)
        {
            owner.OnHoldEnded(0, RequestEnd.ClientLeft);
        }
        else
        {
            _held.Abandon();
        }
    }

    private static void WriteHead(IHttpResponseFeature response, HubResponseMessage answer)
    {
        // What the application's framework has added belongs to the instructions.
        StringValues cookies = response.Headers.SetCookie;
        response.Headers.Clear();
        if (cookies.Count > 0)
        {
            response.Headers.SetCookie = cookies;
        }

        response.StatusCode = answer.Status;
        response.ReasonPhrase = answer.Reason.Length > 0 ? answer.Reason : null;
        MessageFields.Apply(answer, response.Headers);
    }

    private void Answer(IHttpResponseFeature response, ReadOnlyMemory<byte> body)
    {
        response.Headers.ContentLength = body.Length;
        features.GetRequiredFeature<IHttpResponseBodyFeature>().Writer.Write(body.Span);
        owner.OnHoldEnded(body.Length, RequestEnd.Complete);
    }
}
