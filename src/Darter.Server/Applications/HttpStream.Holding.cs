using System.Text;
using Darter.Server.Observability;

namespace Darter.Server.Applications;

/// <summary>Answers that the application hands to the front to hold.</summary>
internal sealed partial class HttpStream
{
    private IHeldAnswer? _held;
    private bool _isOfOtherProxy;

    /// <inheritdoc/>
    string IHoldOwner.ClientAddress =>
        Encoding.Latin1.GetString(_forwardedHost ?? (_hasProxyFields ? ForwardedClient.HostOf(_request.Headers, _application.Config.Proxy.Forwarders) : null) ?? _clientHost);

    /// <inheritdoc/>
    void IHoldOwner.OnHoldProgress() => Grant();

    /// <inheritdoc/>
    void IHoldOwner.RefuseHold(int status, string? cause)
    {
        if (_completed)
        {
            return;
        }

        _pool.Cancel(this);
        StopBody();
        if (cause is not null)
        {
            string outcome = _held is { IsStarted: true } ? "the response is broken off" : $"answered {status}";
            PythonApplication.Log.RequestFailed(_application.Logger, _request.Method, _request.RawTarget, outcome, cause);
        }

        if (_held is null)
        {
            // Its head was only looked at.
            _responsePhase = ResponsePhase.Waiting;
            _response.ReasonPhrase = null;
        }

        FailHeld(status);
    }

    /// <inheritdoc/>
    void IHoldOwner.OnHoldEnded(long bytes, RequestEnd end)
    {
        if (_held is null)
        {
            return;
        }

        _held = null;
        _responseBytes = bytes;
        _status = _response.StatusCode;
        SetEnd(end);
        Complete();
    }

    /// <summary>Lets the holder look at a head with instructions; true if it has taken the answer over, or refused it.</summary>
    private bool TakeOver(IAnswerHolder holder)
    {
        _held = holder.Hold(_features, this, _isOfOtherProxy);
        _status = _response.StatusCode;
        return _held is not null || _completed;
    }

    private void ReceiveHeld(IHeldAnswer held, ReadOnlySpan<byte> bytes)
    {
        _responseWindow -= bytes.Length;
        held.OnBody(bytes);
        Grant();
    }

    private void EndHeldBody(IHeldAnswer held)
    {
        held.OnBodyEnd();
        if (_held is not null && _peer is { PeerHasFinished: true })
        {
            LoseHeldClient();
        }
    }

    /// <summary>The client has ended its side. Most clients leave so, and one that is held has nothing else to tell.</summary>
    private void LoseHeldClient()
    {
        OnClientGone();
        _lifetime.Abort();
    }

    /// <summary>Answers with an error in the place of what is held, as far as nothing of that is out.</summary>
    private void FailHeld(int status)
    {
        if (_held is { IsStarted: false } held)
        {
            _held = null;
            held.Abandon();
            _responsePhase = ResponsePhase.Waiting;
            _response.ReasonPhrase = null;
        }

        Fail(status);
    }

    /// <summary>Ends the request, at once or when what holds it is done with writing.</summary>
    private void CompleteWhenWritten()
    {
        if (_held is { } held)
        {
            held.Abandon();
        }
        else if (!_writing)
        {
            Complete();
        }
    }
}
