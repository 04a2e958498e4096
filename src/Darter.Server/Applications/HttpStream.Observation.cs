using System.Diagnostics;
using System.Globalization;
using Darter.Server.Observability;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Applications;

/// <summary>What is measured and logged of a request, if anybody wants to know.</summary>
internal sealed partial class HttpStream
{
    private readonly RequestObserver? _observer;
    private readonly ConnectionActivity? _activity;
    private string? _requestId;
    private long _startedAt;
    private long _queuedAt;
    private long _sentAt;
    private long _endedAt;
    private long _responseBytes;
    private int _workerProcess;
    private int _status;
    private RequestEnd _end;

    /// <summary>The request's id: that of a trusted proxy, else one of our own, made when somebody asks for the first time.</summary>
    internal string RequestId => _requestId ??= RequestIdGenerator.Next();

    private void ResetObservation()
    {
        _requestId = null;
        _responseBytes = 0;
        _workerProcess = _status = 0;
        _end = RequestEnd.Complete;
        if (_observer is not null)
        {
            _startedAt = Stopwatch.GetTimestamp();
            _queuedAt = _sentAt = _endedAt = 0;
        }
    }

    /// <summary>The request is about to enter the queue.</summary>
    private void OnQueued()
    {
        if (_observer is not null)
        {
            _queuedAt = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>The request is written to a worker; perhaps not for the first time, if it was taken back.</summary>
    private void OnSent()
    {
        if (_observer is not null)
        {
            _sentAt = Stopwatch.GetTimestamp();
            _workerProcess = WorkerProcessId;
        }
    }

    /// <summary>Notes how the request ended, if that is not known yet.</summary>
    private void SetEnd(RequestEnd end)
    {
        if (_end == RequestEnd.Complete)
        {
            _end = end;
        }
    }

    /// <summary>All that was to be done for the request is done.</summary>
    private void OnEnded()
    {
        if (_observer is not null)
        {
            _endedAt = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>Adds what is asked for to the response's header section.</summary>
    private void WriteObservation(RequestObserver observer)
    {
        if (observer.RequestIdHeader is { } field)
        {
            _response.Headers[field] = RequestId;
        }

        if (observer.ServerTiming && _sentAt != 0)
        {
            string timing = string.Create(
                CultureInfo.InvariantCulture,
                $"queue;dur={Milliseconds(_queuedAt, _sentAt):0.###}, app;dur={Milliseconds(_sentAt, Stopwatch.GetTimestamp()):0.###}");
            _response.Headers["Server-Timing"] = StringValues.Concat(_response.Headers["Server-Timing"], timing);
        }
    }

    private static double Milliseconds(long from, long to) => Stopwatch.GetElapsedTime(from, to).TotalMilliseconds;

    /// <summary>The HTTP server is done with the request: reports it.</summary>
    private void Report(RequestObserver observer)
    {
        if (_endedAt == 0)
        {
            // It was given up while its body was read.
            _endedAt = Stopwatch.GetTimestamp();
            _end = RequestEnd.ClientLeft;
        }

        int status = _status == 0 ? RequestRecord.StatusClientLeft : _status;
        long duration = _endedAt - _startedAt;
        observer.Statsd?.Request(status, Stopwatch.GetElapsedTime(0, duration));
        if (observer.AccessLog is not { } log || _application.PageExtension?.IsOwn(_request) == true)
        {
            return;
        }

        log.Write(new RequestRecord
        {
            Request = _request,
            Response = _response,
            Status = status,
            End = _end,
            Bytes = _responseBytes,
            Duration = duration,
            Queued = _queuedAt == 0 ? -1 : (_sentAt == 0 ? _endedAt : _sentAt) - _queuedAt,
            ClientHost = ToldHost,
            ClientPort = ToldPort,
            ServerHost = _serverHost,
            ServerPort = _serverPort,
            IsHttps = IsToldHttps,
            ProcessId = _workerProcess == 0 ? Environment.ProcessId : _workerProcess,
            Id = log.WantsRequestId ? RequestId : null,
        });
    }
}
