namespace Darter.Server.Applications;

/// <summary>What goes: the worker of a response that may last for ever, or this front.</summary>
internal sealed partial class HttpStream
{
    /// <inheritdoc/>
    protected override bool IsLasting =>
        _responsePhase == ResponsePhase.Sending
        && _response.Headers.ContentType.ToString().StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    protected override void OnWorkerLeaving()
    {
        if (IsLasting && !_completed)
        {
            // The application hears that the client is gone; the client sees the connection break off, and comes again.
            _pool.Cancel(this);
            _parts.Clear();
            Break();
        }
    }

    /// <summary>Has the client take another connection for its next request.</summary>
    private void LeaveConnection() => ConnectionEnd.Announce(_features, _request, _response);
}
