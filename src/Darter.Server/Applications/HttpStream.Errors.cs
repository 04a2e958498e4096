using System.Text;
using Darter.Server.Observability;
using Darter.Workers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Darter.Server.Applications;

/// <summary>The front's own answers: to requests that are refused, or that no worker has answered to their end.</summary>
internal sealed partial class HttpStream
{
    /// <inheritdoc/>
    protected override void OnFailed(StreamFailure failure, string message)
    {
        StopBody();
        if (_completed)
        {
            return;
        }

        (int status, string cause) = failure switch
        {
            StreamFailure.WorkerDied => (StatusCodes.Status502BadGateway, "the worker died while it ran the request"),
            StreamFailure.TimedOut => (StatusCodes.Status504GatewayTimeout, $"{message}; request id {RequestId}"),
            StreamFailure.QueueFull or StreamFailure.QueueTimedOut => (StatusCodes.Status503ServiceUnavailable, ""),
            StreamFailure.NoWorker => (StatusCodes.Status503ServiceUnavailable, "no worker is there to run it"),
            StreamFailure.BodyTooShort => (StatusCodes.Status500InternalServerError, message),
            StreamFailure.ApplicationError => (StatusCodes.Status500InternalServerError, $"the application raised an exception: {message}"),
            _ => (StatusCodes.Status500InternalServerError, "the client left"),
        };
        bool isReplaced = _cacheLookup is { } lookup && failure != StreamFailure.Cancelled && AnswerWithStale(lookup);

        // Who was refused by the queue is counted there, in a line now and then.
        if (failure is not (StreamFailure.Cancelled or StreamFailure.QueueFull or StreamFailure.QueueTimedOut))
        {
            string outcome = isReplaced ? "answered with an older answer (stale-if-error)" : _responsePhase == ResponsePhase.Waiting || _held is { IsStarted: false } ? $"answered {status}" : "the response is broken off";
            PythonApplication.Log.RequestFailed(_application.Logger, _request.Method, _request.RawTarget, outcome, cause);
        }

        if (!isReplaced)
        {
            FailHeld(status);
        }
    }

    /// <inheritdoc/>
    protected override void OnBroken(Exception exception)
    {
        if (_completed)
        {
            return;
        }

        PythonApplication.Log.ResponseBroken(_application.Logger, _request.Method, _request.RawTarget, exception.Message);
        _pool.Cancel(this);
        _parts.Clear();
        Break();
    }

    /// <summary>Answers with an error, or breaks the connection off when a part of another answer is out.</summary>
    private void Fail(int status)
    {
        _parts.Clear();
        if (_responsePhase == ResponsePhase.Waiting)
        {
            _responsePhase = ResponsePhase.Sending;
            _ = WriteError(status);
            _ended = true;
            Complete();
            return;
        }

        Break();
    }

    /// <summary>Breaks the connection (HTTP/2: the stream) off, so that nobody takes the part that is out for the whole.</summary>
    private void Break()
    {
        _responsePhase = ResponsePhase.Done;
        _broken = true;
        SetEnd(RequestEnd.BrokenOff);
        _lifetime.Abort();
        CompleteWhenWritten();
    }

    private Task WriteError(int status)
    {
        _response.StatusCode = _status = status;
        _response.Headers.Clear();
        string id = status == StatusCodes.Status504GatewayTimeout ? $"Request id: {RequestId}\n" : "";
        byte[] bytes = Encoding.ASCII.GetBytes($"{status} {ReasonPhrases.GetReasonPhrase(status)}\n{id}");
        _response.Headers.ContentType = "text/plain; charset=utf-8";
        _response.Headers.ContentLength = bytes.Length;
        if (status == StatusCodes.Status504GatewayTimeout)
        {
            _response.Headers["X-Request-Id"] = RequestId;
        }
        else if (status == StatusCodes.Status503ServiceUnavailable)
        {
            _response.Headers.RetryAfter = "1";
        }
        else if (status is < 500 or StatusCodes.Status501NotImplemented)
        {
            // The request was not read to its end, or is not to be trusted.
            _response.Headers.Connection = "close";
            if (_handshake?.Status == status)
            {
                _handshake.WriteRefusal(_response.Headers);
            }
        }

        if (_application.IsLeaving)
        {
            LeaveConnection();
        }

        if (_observer is not null)
        {
            WriteObservation(_observer);
        }

        if (HttpMethods.IsHead(_request.Method))
        {
            return Task.CompletedTask;
        }

        _responseBytes = bytes.Length;
        return _responseBody.Writer.WriteAsync(bytes).AsTask();
    }
}
