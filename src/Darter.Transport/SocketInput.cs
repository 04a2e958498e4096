using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Darter.Transport;

/// <summary>
/// The receiving side of a connection. It receives only when it is asked for bytes it does not have, so a reader that does
/// not keep up holds back the peer, and a connection that waits for its next request holds no memory.
/// </summary>
/// <remarks>
/// Receiving happens on the loop's thread only, and so does the completion of every read that has to wait. The buffers
/// belong to the reader (one at a time, on any thread), except while a read waits: then they belong to the loop.
/// <see cref="State.Waiting"/> is the hand-over: the reader sets it, the loop takes it away.
/// </remarks>
internal sealed partial class SocketInput : PipeReader
{
    private readonly EpollConnection _connection;
    private readonly EventLoop _loop;
    private readonly int _mostBlocks;
    private Block? _first;
    private int _consumed;
    private Block? _last;
    private bool _allExamined = true;
    private bool _ended;
    private bool _completed;
    private bool _leftUnread;
    private Exception? _failure;
    private int _state;

    /// <param name="connection">The connection, for its socket.</param>
    /// <param name="limit">The most bytes to receive at once.</param>
    internal SocketInput(EpollConnection connection, int limit)
    {
        _connection = connection;
        _loop = connection.Loop;
        _mostBlocks = Math.Clamp(limit / BlockPool.BlockSize, 1, MostBlocks);
    }

    [Flags]
    private enum State
    {
        None = 0,

        /// <summary>A read waits; its continuation is set and the loop owns the buffers.</summary>
        Waiting = 1,

        /// <summary>The socket may have something to receive. Set and cleared by the loop.</summary>
        Readable = 2,

        /// <summary>The peer has ended its side: receiving less than asked does not mean that nothing is left.</summary>
        PeerClosed = 4,

        /// <summary>CancelPendingRead was called and no read has reported it yet.</summary>
        CancelPending = 8,

        /// <summary>The token of the read that waits was cancelled.</summary>
        TokenCancelled = 16,

        /// <summary>The connection was aborted; <see cref="_failure"/> says why.</summary>
        Failed = 32,
    }

    /// <summary>Whether the reader was completed before it had consumed what the peer sent.</summary>
    internal bool HasUnread => !_ended && (_leftUnread || Has(State.Readable));

    /// <summary>Whether nobody waits for what the peer sends, and nothing is known to have come. The loop's thread, while nobody reads.</summary>
    internal bool IsIdle => _first is null && !_ended && (Volatile.Read(ref _state) & (int)(State.Readable | State.Waiting)) == 0;

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        ThrowIfCompleted();
        return TryTake(out result);
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        ThrowIfCompleted();

        // A position that is in no block is one of an empty buffer.
        if (_last is not null && examined.GetObject() is Block examinedBlock)
        {
            _allExamined = ReferenceEquals(examinedBlock, _last) && examined.GetInteger() == _last.End;
        }

        if (consumed.GetObject() is Block consumedBlock)
        {
            Consume(consumedBlock, consumed.GetInteger());
        }
    }

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null)
    {
        if (_completed)
        {
            return;
        }

        _completed = true;
        _leftUnread = _first is not null;

        // A read that was left waiting keeps the buffers with the loop until the connection is closed.
        if (!Has(State.Waiting))
        {
            ReleaseBuffers();
        }
    }

    /// <summary>Nothing more is received: the socket is another's. While <see cref="IsIdle"/>.</summary>
    internal void End() => _ended = true;

    /// <summary>The socket is closed; a read that was left waiting fails. The loop's thread.</summary>
    internal void OnClosed()
    {
        ReleaseAhead();
        ReleaseBuffers();
        if (Has(State.Waiting))
        {
            Fail(new ConnectionAbortedException("The connection was closed while it was read from."));
        }
    }

    private void ReleaseBuffers()
    {
        while (_first is { } block)
        {
            _first = block.NextBlock;
            block.Dispose();
        }

        _last = null;
        _consumed = 0;
        _allExamined = true;
    }

    private void Consume(Block block, int index)
    {
        while (!ReferenceEquals(_first, block))
        {
            Block passed = _first ?? throw new InvalidOperationException("The position is not one of the current buffer.");
            _first = passed.NextBlock;
            passed.Dispose();
        }

        _consumed = index;
        if (index == block.End)
        {
            _first = block.NextBlock;
            _consumed = 0;
            if (_first is null)
            {
                _last = null;
                _allExamined = true;
            }

            block.Dispose();
        }
    }

    /// <summary>What a read can return without waiting.</summary>
    private bool TryTake(out ReadResult result)
    {
        int state = Volatile.Read(ref _state);
        if ((state & (int)(State.CancelPending | State.Failed)) != 0)
        {
            if ((state & (int)State.Failed) != 0)
            {
                throw _failure!;
            }

            Interlocked.And(ref _state, ~(int)State.CancelPending);
            result = new ReadResult(Buffered(), isCanceled: true, isCompleted: _ended);
            return true;
        }

        if (_allExamined && !_ended && (state & (int)State.Readable) != 0 && _loop.IsCurrent && HasTurn())
        {
            Receive();
            if (_failure is not null)
            {
                throw _failure;
            }
        }

        if (_allExamined && !_ended)
        {
            result = default;
            return false;
        }

        result = new ReadResult(Buffered(), isCanceled: false, isCompleted: _ended);
        return true;
    }

    private ReadOnlySequence<byte> Buffered() =>
        _first is null ? default : new ReadOnlySequence<byte>(_first, _consumed, _last!, _last!.End);

    private bool Has(State flag) => (Volatile.Read(ref _state) & (int)flag) != 0;

    private void ThrowIfCompleted()
    {
        if (_completed)
        {
            throw new InvalidOperationException("Reading is not allowed after the reader was completed.");
        }
    }
}
