using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace Darter.Transport;

/// <summary>Flushes, and the reusable source of the value tasks of those that have to wait.</summary>
internal sealed partial class SocketOutput : IValueTaskSource<FlushResult>, ILoopWork
{
    // Guarded by the lock, except the source itself: only one flush waits at a time, and only the loop completes it.
    private ManualResetValueTaskSourceCore<FlushResult> _source;
    private CancellationToken _token;
    private CancellationTokenRegistration _tokenRegistration;
    private bool _flushWaits;
    private bool _cancelPending;
    private bool _tokenCancelled;

    /// <inheritdoc/>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        }

        if (_loop.Batch is { IsFull: true } batch && _loop.IsCurrent)
        {
            // Each holds memory: a message to thousands does not have it for all of them.
            batch.Send();
        }

        lock (_gate)
        {
            if (_flushWaits)
            {
                throw new InvalidOperationException("A flush is under way already.");
            }

            Commit();
            if (InMemory <= _limit || _cancelPending)
            {
                return new ValueTask<FlushResult>(TakeFlushResult());
            }

            _flushWaits = true;
            _source.Reset();
        }

        ValueTask<FlushResult> waiting = new(this, _source.Version);
        if (cancellationToken.CanBeCanceled)
        {
            RegisterToken(cancellationToken);
        }

        return waiting;
    }

    /// <inheritdoc/>
    public override void CancelPendingFlush()
    {
        lock (_gate)
        {
            _cancelPending = true;
            if (!_flushWaits)
            {
                return;
            }
        }

        _loop.TryPost(this);
    }

    /// <summary>Looks again at a flush that waits, after another thread changed something.</summary>
    void ILoopWork.Run()
    {
        bool flushed;
        lock (_gate)
        {
            flushed = TryFinishFlush();
        }

        if (flushed)
        {
            CompleteFlush();
        }
    }

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<FlushResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        // Like reads, flushes go on inline on the loop's thread, whatever the caller's scheduling context is.
        _source.OnCompleted(continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);

    /// <summary>Has the loop look at a flush that waits. Any thread.</summary>
    internal void Recheck()
    {
        if (Volatile.Read(ref _flushWaits))
        {
            _loop.TryPost(this);
        }
    }

    private void RegisterToken(CancellationToken cancellationToken)
    {
        CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(static output => ((SocketOutput)output!).OnTokenCancelled(), this);
        lock (_gate)
        {
            if (_flushWaits)
            {
                _token = cancellationToken;
                _tokenRegistration = registration;
                return;
            }
        }

        registration.Dispose();
    }

    private void OnTokenCancelled()
    {
        lock (_gate)
        {
            _tokenCancelled = _flushWaits;
        }

        Recheck();
    }

    /// <summary>Whether a flush waits and need not any more; the caller then completes it, outside the lock.</summary>
    private bool TryFinishFlush()
    {
        if (!_flushWaits || (InMemory > _limit / 2 && !_cancelPending && !_tokenCancelled))
        {
            return false;
        }

        _flushWaits = false;
        return true;
    }

    private void CompleteFlush()
    {
        _tokenRegistration.Unregister();
        _tokenRegistration = default;
        CancellationToken token = _token;
        _token = default;
        bool cancelled;
        FlushResult result;
        lock (_gate)
        {
            cancelled = _tokenCancelled;
            _tokenCancelled = false;
            result = TakeFlushResult();
        }

        if (cancelled)
        {
            _source.SetException(new OperationCanceledException(token));
        }
        else
        {
            _source.SetResult(result);
        }
    }

    private FlushResult TakeFlushResult()
    {
        bool cancelled = _cancelPending;
        _cancelPending = false;
        return new FlushResult(cancelled, isCompleted: _closed);
    }
}
