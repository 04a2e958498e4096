using System.IO.Pipelines;
using Darter.Server.Observability;

namespace Darter.Server.Applications;

/// <summary>The response's body: written to the HTTP server as it comes, kept here, bounded, while the client is slow.</summary>
internal sealed partial class HttpStream
{
    // What one response may have waiting here for its client; a worker that has more waits.
    private const int ResponseBuffer = 1024 * 1024;
    private const int GrantStep = 64 * 1024;

    // What is written at a time to a client that is slow, and how long it may take for that; as nginx's send_timeout.
    private const int WriteSize = 64 * 1024;
    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(60);

    private readonly BodyParts _parts = new();
    private readonly Action _onFlushed;
    private bool _writing;
    private bool _broken;
    private bool _flushed;
    private bool _unflushed;
    private int _responseWindow;

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
