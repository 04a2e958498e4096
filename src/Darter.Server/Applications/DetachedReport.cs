using System.Diagnostics;
using Darter.Server.Observability;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Applications;

/// <summary>
/// A request whose connection was taken from the HTTP server, until its end: that it is counted, and a copy of what the access
/// log says of it, if there is one.
/// </summary>
internal sealed class DetachedReport : IHeldReport
{
    /// <summary>For requests that nobody counts or observes.</summary>
    internal static readonly IHeldReport Nothing = new SilentReport();

    private readonly PythonApplication? _counting;
    private readonly RequestObserver? _observer;
    private readonly RequestCopy? _copy;
    private readonly int _status;
    private readonly long _startedAt;

    /// <param name="counting">Where the request counts as running; null: nowhere.</param>
    /// <param name="observer">Who wants to know; null: nobody.</param>
    /// <param name="copy">For the access log.</param>
    /// <param name="status">The response's.</param>
    /// <param name="startedAt">When the request began, in ticks of <see cref="Stopwatch"/>.</param>
    internal DetachedReport(PythonApplication? counting, RequestObserver? observer, RequestCopy? copy, int status, long startedAt)
    {
        _counting = counting;
        _observer = observer;
        _copy = copy;
        _status = status;
        _startedAt = startedAt;
    }

    /// <inheritdoc/>
    public void OnEnded(long bytes, RequestEnd end)
    {
        _counting?.Leave();
        long duration = Stopwatch.GetTimestamp() - _startedAt;
        _observer?.Statsd?.Request(_status, Stopwatch.GetElapsedTime(0, duration));
        if (_copy is { } copy)
        {
            _observer!.AccessLog!.Write(new RequestRecord
            {
                Request = copy.Request,
                Response = copy.Response,
                Status = _status,
                End = end,
                Bytes = bytes,
                Duration = duration,
                Queued = copy.Queued,
                ClientHost = copy.ClientHost,
                ClientPort = copy.ClientPort,
                ServerHost = copy.ServerHost,
                ServerPort = copy.ServerPort,
                IsHttps = copy.IsHttps,
                ProcessId = copy.ProcessId,
                Id = copy.Id,
            });
        }
    }

    /// <summary>What a <see cref="RequestRecord"/> refers to, in memory of its own.</summary>
    internal sealed class RequestCopy
    {
        internal RequestCopy(IHttpRequestFeature request, IHttpResponseFeature response)
        {
            Request = new HttpRequestFeature { Method = request.Method, RawTarget = request.RawTarget, Protocol = request.Protocol, Headers = CopyOf(request.Headers) };
            Response = new HttpResponseFeature { Headers = CopyOf(response.Headers) };
        }

        internal HttpRequestFeature Request { get; }

        internal HttpResponseFeature Response { get; }

        internal required long Queued { get; init; }

        internal required byte[] ClientHost { get; init; }

        internal required ushort ClientPort { get; init; }

        internal required byte[] ServerHost { get; init; }

        internal required ushort ServerPort { get; init; }

        internal required bool IsHttps { get; init; }

        internal required int ProcessId { get; init; }

        internal required string? Id { get; init; }

        private static HeaderDictionary CopyOf(IHeaderDictionary headers)
        {
            HeaderDictionary copy = new(headers.Count);
            foreach (KeyValuePair<string, Microsoft.Extensions.Primitives.StringValues> field in headers)
            {
                copy[field.Key] = field.Value;
            }

            return copy;
        }
    }

    private sealed class SilentReport : IHeldReport
    {
        public void OnEnded(long bytes, RequestEnd end)
        {
        }
    }
}
