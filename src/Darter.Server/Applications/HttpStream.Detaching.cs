using Darter.Transport;

namespace Darter.Server.Applications;

/// <summary>Answers that go on without the HTTP server.</summary>
internal sealed partial class HttpStream : IDetachableOwner
{
    // Set while the server is told of the end of a request that goes on.
    private bool _isDetached;

    /// <inheritdoc/>
    IDetachFeature? IDetachableOwner.OwnConnection =>
        IsHttp1 && _gateway is null && _connectionLoop is { IsCurrent: true } && _features.Get<IDetachFeature>() is { CanDetach: true } connection ? connection : null;

    /// <inheritdoc/>
    IHeldReport IDetachableOwner.OnHoldDetached()
    {
        _held = null;
        _isDetached = true;
        IHeldReport report = ReportLater();
        _isCounted = false;
        Complete();
        return report;
    }

    private IHeldReport ReportLater()
    {
        if (_observer is null && !_isCounted)
        {
            return DetachedReport.Nothing;
        }

        DetachedReport.RequestCopy? copy = _observer?.AccessLog is not { } log || _application.PageExtension?.IsOwn(_request) == true
            ? null
            : new DetachedReport.RequestCopy(_request, _response)
            {
                Queued = _queuedAt == 0 ? -1 : _sentAt - _queuedAt,
                ClientHost = ToldHost.ToArray(),
                ClientPort = ToldPort,
                ServerHost = _serverHost,
                ServerPort = _serverPort,
                IsHttps = IsToldHttps,
                ProcessId = _workerProcess,
                Id = log.WantsRequestId ? RequestId : null,
            };
        return new DetachedReport(_isCounted ? _application : null, _observer, copy, _response.StatusCode, _startedAt);
    }
}
