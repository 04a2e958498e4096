using Darter.Server.Observability;
using Darter.Transport;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Caching;

/// <summary>A stored answer that is sent in the place of the application's, once that has ended. On the pool's loop.</summary>
internal sealed class StoredReplacement(StoredResponse response, IFeatureCollection features, IHoldOwner owner, EventLoop loop) : IHeldAnswer, ILoopWork
{
    private Task<long>? _sending;
    private bool _isOver;

    /// <inheritdoc/>
    public bool IsStarted => _sending is not null;

    /// <inheritdoc/>
    public int Buffered => 0;

    /// <inheritdoc/>
    public void OnBody(ReadOnlySpan<byte> bytes)
    {
        // The body of an error, which nobody gets.
    }

    /// <inheritdoc/>
    public void OnBodyEnd()
    {
        if (_sending is not null || _isOver)
        {
            return;
        }

        _sending = response.SendAsync(features);
        if (_sending.IsCompleted)
        {
            End();
        }
        else
        {
            _ = _sending.ContinueWith(_ => loop.Post(this), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    /// <inheritdoc/>
    public void Abandon()
    {
        if (_sending is null)
        {
            _isOver = true;
            owner.OnHoldEnded(0, RequestEnd.ClientLeft);
        }
    }

    /// <inheritdoc/>
    void ILoopWork.Run() => End();

    private void End()
    {
        _isOver = true;
        bool isSent = _sending!.IsCompletedSuccessfully;
        owner.OnHoldEnded(isSent ? _sending.Result : 0, isSent ? RequestEnd.Complete : RequestEnd.ClientLeft);
    }
}
