using System.Text;
using Darter.Transport.Files;
using Darter.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Win32.SafeHandles;

namespace Darter.Server.Applications;

/// <summary>The response, as it comes from the worker.</summary>
internal sealed partial class HttpStream
{
    private const int StatusEarlyHints = 103;

    private ResponsePhase _responsePhase;
    private bool _ended;

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
}
