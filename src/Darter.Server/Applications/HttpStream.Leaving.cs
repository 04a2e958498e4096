namespace Darter.Server.Applications;

/// <summary>A response that may last for ever, on a worker that goes.</summary>
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
}
