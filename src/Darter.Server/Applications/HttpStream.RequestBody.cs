using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Applications;

/// <summary>The body of the request, which is collected before a worker that runs one at a time is bothered with it.</summary>
internal sealed partial class HttpStream
{
    private byte[]? _body;
    private int _bodyLength;
    private long _bodyReceived;
    private int _bodySent;
    private bool _hasBody;
    private bool _bodyWhole;
    private bool _bodyEndSent;
    private PipeReader? _bodyReader;
    private ReadOnlySequence<byte> _piece;
    private bool _pieceIsLast;
    private TaskCompletionSource? _pieceSent;
    private volatile bool _bodyStopped;

    /// <inheritdoc/>
    protected override bool CanSendAgain => !_hasBody || _bodyWhole;

    /// <inheritdoc/>
    protected override bool IsSendingBody => _hasBody && !_bodyEndSent;

    /// <inheritdoc/>
    protected override void SendAvailableBody()
    {
        if (_bodySent < _bodyLength)
        {
            int count = Math.Min(_bodyLength - _bodySent, RequestWindow);
            bool last = _bodyWhole && _bodySent + count == _bodyLength;
            if (count > 0)
            {
                _bodyEndSent |= last;
                _bodySent += count;
                SendBody(_body.AsSpan(_bodySent - count, count), last);
            }
        }
        else if (_bodyWhole && !_bodyEndSent)
        {
            _bodyEndSent = true;
            SendBody(default, end: true);
        }

        if (_bodySent == _bodyLength && _pieceSent is { } sent)
        {
            SendPiece(sent);
        }

        if (_bodyEndSent)
        {
            SayClientFinished();
        }
    }

    /// <summary>
    /// Collects the body, up to the limit for one request, before a worker gets the request: a slow client occupies none.
    /// What does not fit is passed on as it comes. An event loop is not occupied, and its application may want to answer
    /// before all is there: it gets the request at once, with what has come.
    /// </summary>
    private async Task ProcessBodyAsync()
    {
        _hasBody = true;
        _bodyReader = _features.GetRequiredFeature<IRequestBodyPipeFeature>().Reader;
        bool submitted = false;
        try
        {
            if (_pool.RunsEventLoops)
            {
                CollectAvailable(_bodyReader);
            }
            else
            {
                await CollectBodyAsync(_bodyReader).ConfigureAwait(false);
            }

            submitted = true;
            Submit();
            if (!_bodyWhole)
            {
                await PassBodyAsync(_bodyReader).ConfigureAwait(false);
            }
        }
        catch (BadHttpRequestException exception) when (!submitted)
        {
            await RefuseAsync(exception.StatusCode).ConfigureAwait(false);
            return;
        }
        catch (InvalidOperationException) when (!submitted)
        {
            // The parser's word for a NUL in a trailer field.
            await RefuseAsync(StatusCodes.Status400BadRequest).ConfigureAwait(false);
            return;
        }
        catch (BadHttpRequestException exception)
        {
            // The rest of the body is malformed, too long or too slow; the worker must not wait for it.
            PostForThisRequest(() => OnBodyFailed(exception.StatusCode));
        }
        catch (Exception exception) when (submitted && exception is IOException or OperationCanceledException)
        {
            PostClientGone();
        }

        await _completion.Task.ConfigureAwait(false);
    }

    private async ValueTask CollectBodyAsync(PipeReader reader)
    {
        while (Collect(reader, await reader.ReadAsync().ConfigureAwait(false)))
        {
        }
    }

    private void CollectAvailable(PipeReader reader)
    {
        while (reader.TryRead(out ReadResult result) && Collect(reader, result))
        {
        }
    }

    /// <summary>Keeps what was read. False: nothing more is to be collected, since it is whole or does not fit.</summary>
    private bool Collect(PipeReader reader, in ReadResult result)
    {
        ReadOnlySequence<byte> buffer = result.Buffer;
        long room = BodyMemory.PerRequest - _bodyLength;
        if (buffer.Length > room || !EnsureBody((int)buffer.Length))
        {
            reader.AdvanceTo(buffer.Start, buffer.Start);
            return false;
        }

        CountBody(buffer.Length);
        buffer.CopyTo(_body.AsSpan(_bodyLength));
        _bodyLength += (int)buffer.Length;
        reader.AdvanceTo(buffer.End);
        _bodyWhole = result.IsCompleted;
        return !_bodyWhole;
    }

    /// <summary>Holds a body whose length was not given to the limit; one whose length was given was refused before.</summary>
    private void CountBody(long more)
    {
        _bodyReceived += more;
        if (_bodyReceived > _application.Config.LimitRequestBody)
        {
            throw new BadHttpRequestException("The request body is longer than --limit-request-body.", StatusCodes.Status413PayloadTooLarge);
        }
    }

    private bool EnsureBody(int more)
    {
        int needed = _bodyLength + more;
        if (_body is not null && _body.Length >= needed)
        {
            return true;
        }

        int size = Math.Max(needed, Math.Min(2 * (_body?.Length ?? 2048), BodyMemory.PerRequest));
        if (!_application.BodyMemory.TryRent(size, out byte[]? larger))
        {
            return false;
        }

        if (_body is not null)
        {
            _body.AsSpan(0, _bodyLength).CopyTo(larger);
            _application.BodyMemory.Return(_body);
        }

        _body = larger;
        return true;
    }

    /// <summary>Passes on, piece by piece as the worker grants it, what could not be collected.</summary>
    private async Task PassBodyAsync(PipeReader reader)
    {
        while (!_bodyStopped)
        {
            ReadResult result = await reader.ReadAsync().ConfigureAwait(false);
            if (result.IsCanceled)
            {
                // The server reads what the client still sends itself, which it could not while this read is not ended.
                reader.AdvanceTo(result.Buffer.Start);
                return;
            }

            CountBody(result.Buffer.Length);
            TaskCompletionSource sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _piece = result.Buffer;
            _pieceIsLast = result.IsCompleted;
            SequencePosition end = result.Buffer.End;
            _pool.Loop.Post(new LoopCall(() =>
            {
                _pieceSent = sent;
                if (_bodyStopped)
                {
                    FinishPiece(sent);
                }
                else if (IsSent)
                {
                    SendAvailableBody();
                }
            }));
            await sent.Task.ConfigureAwait(false);
            reader.AdvanceTo(end);
            if (result.IsCompleted)
            {
                return;
            }
        }
    }

    private void SendPiece(TaskCompletionSource sent)
    {
        while (!_piece.IsEmpty && RequestWindow > 0)
        {
            ReadOnlySpan<byte> first = _piece.FirstSpan;
            first = first[..Math.Min(first.Length, RequestWindow)];
            bool last = _pieceIsLast && first.Length == _piece.Length;
            _bodyEndSent |= last;
            _piece = _piece.Slice(first.Length);
            SendBody(first, last);
        }

        if (_piece.IsEmpty)
        {
            if (_pieceIsLast && !_bodyEndSent)
            {
                _bodyEndSent = true;
                SendBody(default, end: true);
            }

            FinishPiece(sent);
        }
    }

    private void FinishPiece(TaskCompletionSource sent)
    {
        _pieceSent = null;
        _piece = default;
        sent.SetResult();
    }

    /// <summary>The worker takes no more of the body: whoever passes it on stops.</summary>
    private void StopBody()
    {
        if (_hasBody && !_bodyWhole && !_bodyStopped)
        {
            _bodyStopped = true;
            if (_pieceSent is { } sent)
            {
                FinishPiece(sent);
            }
            else if (!_pieceIsLast)
            {
                CancelRead();
            }
        }
    }

    private void CancelRead()
    {
        try
        {
            _bodyReader!.CancelPendingRead();
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The client broke the upload off: the read that waited has failed by itself.
        }
    }

    private void OnBodyFailed(int status)
    {
        if (!_completed)
        {
            _pool.Cancel(this);
            Fail(status);
        }
    }

    private void ReleaseRequestBody()
    {
        if (_body is { } body)
        {
            _body = null;
            _application.BodyMemory.Return(body);
        }
    }
}
