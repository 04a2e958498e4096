using System.Diagnostics;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace Darter.Transport;

/// <summary>Reads that have to wait: the reusable source of their value tasks, and what completes them.</summary>
internal sealed partial class SocketInput : IValueTaskSource<ReadResult>, ILoopWork
{
    private Action<object?>? _continuation;
    private object? _continuationState;
    private ExecutionContext? _continuationContext;
    private CancellationToken _token;
    private CancellationTokenRegistration _tokenRegistration;
    private short _version;
    private bool _ready;

    /// <inheritdoc/>
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfCompleted();
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        }

        try
        {
            // Before the connection's first wait nothing is received here: Kestrel calls this on a pool thread then, and
            // the connection shall go on from the loop's.
            if (TryTake(out ReadResult result))
            {
                return new ValueTask<ReadResult>(result);
            }
        }
        catch (Exception exception)
        {
            return ValueTask.FromException<ReadResult>(exception);
        }

        if (cancellationToken.CanBeCanceled)
        {
            _token = cancellationToken;
            _tokenRegistration = cancellationToken.UnsafeRegister(static input => ((SocketInput)input!).Signal(State.TokenCancelled), this);
        }

        return new ValueTask<ReadResult>(this, _version);
    }

    /// <inheritdoc/>
    public override void CancelPendingRead() => Signal(State.CancelPending);

    /// <summary>Makes the read that waits, and every later one, fail. Any thread.</summary>
    internal void Fail(Exception failure)
    {
        if (Interlocked.CompareExchange(ref _failure, failure, null) is null)
        {
            Signal(State.Failed);
        }
    }

    /// <summary>The socket became readable or the peer closed its side. The loop's thread.</summary>
    internal void OnReadable(bool peerClosed)
    {
        int readable = (int)(peerClosed ? State.Readable | State.PeerClosed : State.Readable);
        if (peerClosed || !Has(State.Waiting))
        {
            Interlocked.Or(ref _state, readable);
        }

        if (Has(State.Waiting) && Receive())
        {
            CompleteRead();
        }
    }

    /// <summary>Looks again at a read that waits, after another thread changed something.</summary>
    void ILoopWork.Run()
    {
        const State Completing = State.CancelPending | State.TokenCancelled | State.Failed;
        if (Has(State.Waiting) && (Has(Completing) || (Has(State.Readable) && Receive())))
        {
            CompleteRead();
        }
    }

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token)
    {
        ThrowIfStale(token);
        if (!_ready)
        {
            return ValueTaskSourceStatus.Pending;
        }

        return Has(State.Failed) ? ValueTaskSourceStatus.Faulted
            : Has(State.TokenCancelled) ? ValueTaskSourceStatus.Canceled
            : ValueTaskSourceStatus.Succeeded;
    }

    void IValueTaskSource<ReadResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        ThrowIfStale(token);
        if (_continuation is not null)
        {
            throw new InvalidOperationException("A read is awaited once.");
        }

        // The scheduling context is ignored on purpose: the reader goes on inline, on the loop's thread.
        _continuation = continuation;
        _continuationState = state;
        _continuationContext = (flags & ValueTaskSourceOnCompletedFlags.FlowExecutionContext) != 0 ? ExecutionContext.Capture() : null;

        // From here on the loop may complete the read, so that this thread must not touch it any more.
        int before = Interlocked.Or(ref _state, (int)State.Waiting);
        if ((before & ~(int)State.PeerClosed) != 0)
        {
            _loop.TryPost(this);
        }

        _connection.Arm();
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token)
    {
        ThrowIfStale(token);
        if (!_ready)
        {
            throw new InvalidOperationException("The read has not completed.");
        }

        _ready = false;
        _version++;
        if (_token.CanBeCanceled)
        {
            FinishToken();
        }

        bool taken = TryTake(out ReadResult result);
        Debug.Assert(taken, "A completed read has a result.");
        return result;
    }

    private void FinishToken()
    {
        CancellationToken token = _token;
        _token = default;
        _tokenRegistration.Dispose();
        _tokenRegistration = default;
        if ((Interlocked.And(ref _state, ~(int)State.TokenCancelled) & (int)State.TokenCancelled) != 0)
        {
            token.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Sets a flag that completes the read that waits, if one does. Any thread.</summary>
    private void Signal(State flag)
    {
        int before = Interlocked.Or(ref _state, (int)flag);
        if ((before & (int)State.Waiting) != 0)
        {
            _loop.TryPost(this);
        }
    }

    private void CompleteRead()
    {
        Debug.Assert(_loop.IsCurrent, "Reads complete on the loop's thread.");
        Action<object?> continuation = _continuation!;
        object? state = _continuationState;
        ExecutionContext? context = _continuationContext;
        _continuation = null;
        _continuationState = null;
        _continuationContext = null;
        _ready = true;
        Interlocked.And(ref _state, ~(int)State.Waiting);
        if (context is null)
        {
            continuation(state);
        }
        else
        {
            ExecutionContext.Run(context, _ => continuation(state), null);
        }
    }

    private void ThrowIfStale(short token)
    {
        if (token != _version)
        {
            throw new InvalidOperationException("The value task of an earlier read was used again.");
        }
    }
}
