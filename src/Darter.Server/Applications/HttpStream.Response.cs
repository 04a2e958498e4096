using System.IO.Pipelines;
using System.Text;
using Darter.Server.Observability;
using Darter.Transport.Files;
using Darter.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Win32.SafeHandles;

namespace Darter.Server.Applications;

/// <summary>The response: written to the HTTP server as it comes, kept here, bounded, while the client is slow.</summary>
internal sealed partial class HttpStream
{
    // What one response may have waiting here for its client; a worker that has more waits.
    private const int ResponseBuffer = 1024 * 1024;
    private const int GrantStep = 64 * 1024;

    // What is written at a time to a client that is slow, and how long it may take for that; as nginx's send_timeout.
    private const int WriteSize = 64 * 1024;
    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(60);

    private const int StatusEarlyHints = 103;

    private readonly BodyParts _parts = new();
    private readonly Action _onFlushed;
    private ResponsePhase _responsePhase;
    private bool _writing;
    private bool _ended;
    private bool _broken;
    private bool _flushed;
    private bool _unflushed;
    private int _responseWindow;

    /// <inheritdoc/>
    protected override void OnResponse(scoped in ResponseHead head, bool end)
    {
        if (_responsePhase != ResponsePhase.Waiting)
        {
            return;
        }

        if (_heldSocket is { } held)
        {
            bool clientLeft = held.ClientLeft;
            if (TakeOpeningAnswer(held, head, end))
            {
                return;
            }

            if (clientLeft)
            {
                LeaveOpening();
                return;
            }
        }

        if (head.Status == StatusSwitchingProtocols)
        {
            Upgrade(head);
            return;
        }

        _responsePhase = ResponsePhase.Sending;
        _ended = end;
        WriteHead(head, end, out bool isTakenOver);
        if (isTakenOver)
        {
            if (_held is not null)
            {
                ReceiveHeld(_held, head.Body);
            }

            if (end)
            {
                OnEnd();
            }

            return;
        }

        if (_namedFile is { } file)
        {
            SendNamedFile(file, end);
            return;
        }

        if (_cacheLookup is { } lookup)
        {
            ShowToCache(lookup, head.Body, end);
        }

        Task start = _responseBody.StartAsync();
        if (!start.IsCompletedSuccessfully)
        {
            // Only when the client is gone; its own notice ends the request.
            _ = start.ContinueWith(static task => task.Exception, TaskScheduler.Default);
        }

        if (end)
        {
            StopBody();
            if (head.Body.Length <= GrantStep && _encoder is null)
            {
                // The common case: all of it is here. Leaving it to the server to flush at the end makes one system call.
                WriteBody(_isEncodedWhole ? _application.Compression!.Whole : head.Body);
                CompleteBody();
                return;
            }
        }

        Receive(head.Body);
    }

    /// <inheritdoc/>
    protected override void OnInformational(scoped in ResponseHead head)
    {
        if (_responsePhase == ResponsePhase.Waiting && head.Status == StatusEarlyHints)
        {
            _informed = true;
            EarlyHints.Send(_features, head);
        }
    }

    /// <inheritdoc/>
    protected override void OnBody(ReadOnlySpan<byte> bytes)
    {
        if (_responsePhase == ResponsePhase.Sending)
        {
            _cacheLookup?.OnBody(bytes);
            Receive(bytes);
        }
        else if (_heldSocketAnswer is { } answer)
        {
            AddToOpeningAnswer(answer, bytes);
        }
    }

    /// <inheritdoc/>
    protected override void OnFile(SafeFileHandle file, long offset, long length)
    {
        if (_responsePhase != ResponsePhase.Sending || length == 0)
        {
            _heldSocketAnswer?.RefuseFile();
            file.Dispose();
            return;
        }

        if (_namedFile is not null)
        {
            file.Dispose();
            return;
        }

        _cacheLookup?.Refuse();
        if (_held is not null)
        {
            file.Dispose();
            ((IHoldOwner)this).RefuseHold(StatusCodes.Status500InternalServerError, "its answer, which is to be held (Grip-Hold), has a file as its body");
            return;
        }

        _parts.Add(new BodyPart { File = new OpenedFile(file), Offset = offset, Length = length });
        WriteParts();
    }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        if (_heldSocketAnswer is not null)
        {
            CompleteOpening(_heldSocket!);
            return;
        }

        _ended = true;
        StopBody();
        if (_responsePhase != ResponsePhase.Sending)
        {
            return;
        }

        _cacheLookup?.OnEnd();
        if (_held is not null)
        {
            EndHeldBody(_held);
        }
        else if (!_writing)
        {
            CompleteBody();
        }
    }

    private void ResetResponse()
    {
        _responsePhase = ResponsePhase.Waiting;
        _ended = _broken = _writing = _flushed = _unflushed = _framesChunks = _informed = _isEncodedWhole = false;
        _held = null;
        _namedFile = null;
        _responseWindow = ChannelFormat.InitialResponseWindow;
    }

    private void WriteHead(scoped in ResponseHead head, bool end, out bool isTakenOver)
    {
        int status = head.Status;
        _response.StatusCode = _status = status;
        ReadOnlySpan<byte> reason = head.Reason;
        if (!reason.IsEmpty && !Ascii.Equals(reason, ReasonPhrases.GetReasonPhrase(status)))
        {
            _response.ReasonPhrase = Encoding.Latin1.GetString(reason);
        }

        AnswerInstructions instructions = _application.Headers.Apply(head.Headers, _response.Headers);
        if (head.ContentLength >= 0 && status is not StatusCodes.Status204NoContent)
        {
            _response.Headers.ContentLength = head.ContentLength;
        }

        isTakenOver = (instructions & AnswerInstructions.Hold) != 0 && _application.Holder is { } holder && TakeOver(holder);
        if (_completed)
        {
            return;
        }

        if ((instructions & AnswerInstructions.File) != 0 && !isTakenOver)
        {
            _namedFile = _application.NamedFiles?.Take(_features);
        }

        if (_cacheLookup is not null || _changesCache)
        {
            isTakenOver |= ShowHeadToCache(isTakenOver || instructions != AnswerInstructions.None);
        }

        if (_response.Headers.Trailer.Count > 0 && !isTakenOver)
        {
            PrepareTrailers(head);
        }

        if (_application.Compression is { } compression && !isTakenOver && _namedFile is null && !_framesChunks)
        {
            PrepareCompression(compression, head, end);
        }

        if (_observer is not null)
        {
            WriteObservation(_observer);
        }

        if (_application.PageExtension is { } extension && !isTakenOver && _namedFile is null)
        {
            AnnouncePageTag(extension);
        }

        if (_application.IsLeaving)
        {
            LeaveConnection();
        }
    }

    private void Receive(ReadOnlySpan<byte> bytes)
    {
        if (_held is { } held)
        {
            ReceiveHeld(held, bytes);
            return;
        }

        _responseWindow -= bytes.Length;
        if (_namedFile is not null)
        {
            // The file is sent in its place.
            Grant();
            return;
        }

        if (_writing)
        {
            _parts.Add(bytes);
        }
        else if (_encoder is not null && bytes.Length > MostEncodedOnLoop)
        {
            _parts.Add(bytes);
            WriteParts();
            Grant();
            return;
        }
        else
        {
            WriteBody(bytes);
            if (IsFollowed)
            {
                _unflushed = true;
            }
            else
            {
                Flush();
            }
        }

        if (_ended && !_writing)
        {
            CompleteBody();
        }
        else
        {
            Grant();
        }
    }

    /// <summary>Gives the worker leave to fill the buffer up again.</summary>
    private void Grant()
    {
        int grant = ResponseBuffer - (_held?.Buffered ?? _parts.BufferedBytes) - _responseWindow;
        if (grant >= GrantStep && !_ended && _responsePhase == ResponsePhase.Sending)
        {
            _responseWindow += grant;
            GrantResponse(grant);
        }
    }

    private void Flush()
    {
        _flushed = true;
        _unflushed = false;
        if (_encoder is { } encoder)
        {
            FlushEncoder(encoder);
        }

        ValueTask<FlushResult> flush = _responseBody.Writer.FlushAsync();
        if (flush.IsCompletedSuccessfully)
        {
            _broken |= flush.Result.IsCompleted || flush.Result.IsCanceled;
            if (_broken)
            {
                OnClientGone();
            }
        }
        else
        {
            _writing = true;
            _ = AwaitFlushAsync(flush);
        }
    }

    private async Task AwaitFlushAsync(ValueTask<FlushResult> flush)
    {
        try
        {
            FlushResult result = await flush.AsTask().WaitAsync(WriteTimeout).ConfigureAwait(false);
            _broken |= result.IsCompleted || result.IsCanceled;
        }
        catch (TimeoutException)
        {
            _broken = true;
            SetEnd(RequestEnd.BrokenOff);
            _lifetime.Abort();
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
        {
            _broken = true;
        }

        _pool.Loop.Post(new LoopCall(_onFlushed));
    }

    /// <summary>The HTTP server took what it was given: go on with what waits.</summary>
    private void OnFlushed()
    {
        _writing = false;
        if (_broken || _responsePhase != ResponsePhase.Sending)
        {
            OnClientGone();
            Complete();
            return;
        }

        WriteParts();
        Grant();
    }

    private void WriteParts()
    {
        while (!_writing && !_parts.IsEmpty && _responsePhase == ResponsePhase.Sending)
        {
            if (_encoder is { } encoder && _parts.First.Bytes?.Length > MostEncodedOnLoop)
            {
                EncodeFirstPart(encoder);
            }
            else if (_parts.First.Bytes is not null)
            {
                ReadOnlySpan<byte> bytes = _parts.PeekBytes(WriteSize);
                WriteBody(bytes);
                _parts.Consume(bytes.Length);
                Flush();
            }
            else
            {
                _writing = _flushed = true;
                _ = SendFileAsync(_parts.Take());
            }
        }

        if (_ended && !_writing && _parts.IsEmpty)
        {
            CompleteBody();
        }
    }

    /// <summary>Sends a region of a file. Its bytes never pass through Python.</summary>
    private async Task SendFileAsync(BodyPart part)
    {
        try
        {
            using (part)
            {
                if (_framesChunks)
                {
                    ChunkedFraming.WriteStart(_responseBody.Writer, part.Length);
                }

                BodyWriter body = new(_features, TimeProvider.System);
                _broken |= !await (_encoder is { } encoder
                    ? body.EncodeAsync(encoder, part.File!, part.Offset, part.Length)
                    : body.WriteAsync(part.File!, part.Offset, part.Length)).ConfigureAwait(false);
                _responseBytes += body.Written;
                if (_framesChunks)
                {
                    ChunkedFraming.WriteEnd(_responseBody.Writer);
                }
            }
        }
        catch (Exception exception) when (exception is FileReadException or IOException or OperationCanceledException or InvalidOperationException)
        {
            PythonApplication.Log.FileFailed(_application.Logger, _request.Method, _request.RawTarget, exception.Message);
            _broken = true;
            SetEnd(RequestEnd.BrokenOff);
        }

        if (_broken)
        {
            // What was promised cannot be delivered; the client must not take the part it has for the whole.
            _lifetime.Abort();
        }

        _pool.Loop.Post(new LoopCall(_onFlushed));
    }
}
