using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace Darter.Server.Protocols;

/// <summary>
/// The body of a request: so many bytes of what the connection brings, or all of it where its end is told by the protocol.
/// </summary>
/// <param name="input">What the connection brings.</param>
/// <param name="length">How long it is; null: to the end of the input.</param>
internal sealed class BodyReader(PipeReader input, long? length) : PipeReader
{
    // As the HTTP server: so many bytes a second, after some seconds of grace.
    private const double LeastRate = 240;
    private const double Grace = 5;

    private ReadOnlySequence<byte> _buffer;
    private long _left = length ?? long.MaxValue;
    private long _received;
    private long _waitingSince;
    private double _waited;
    private volatile bool _tooSlow;
    private volatile bool _isCancelled;
    private bool _isRead;

    /// <summary>How long it is; null: its end will tell.</summary>
    internal long? Length => length;

    /// <summary>Breaks a read off that waits for a sender that is too slow. Any thread, now and then.</summary>
    internal void CheckRate()
    {
        if (Interlocked.Read(ref _waitingSince) is var since and not 0
            && _waited + Stopwatch.GetElapsedTime(since).TotalSeconds is var seconds && seconds > Grace
            && Interlocked.Read(ref _received) < LeastRate * seconds)
        {
            _tooSlow = true;
            input.CancelPendingRead();
        }
    }

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        if (_left == 0)
        {
            result = new ReadResult(default, isCanceled: false, isCompleted: true);
            return true;
        }

        if (!input.TryRead(out ReadResult read))
        {
            result = default;
            return false;
        }

        result = Take(read);
        return true;
    }

    /// <inheritdoc/>
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (_left == 0)
        {
            return new ValueTask<ReadResult>(new ReadResult(default, isCanceled: false, isCompleted: true));
        }

        ValueTask<ReadResult> read = input.ReadAsync(cancellationToken);
        return read.IsCompletedSuccessfully ? new ValueTask<ReadResult>(Take(read.Result)) : WaitAsync(read);
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (!_isRead)
        {
            // The end of the body, for which the input was not asked.
            return;
        }

        if (!_buffer.IsEmpty)
        {
            long taken = _buffer.Slice(_buffer.Start, consumed).Length;
            _left -= taken;
            Interlocked.Add(ref _received, taken);
        }

        _buffer = default;
        _isRead = false;
        input.AdvanceTo(consumed, examined);
    }

    /// <inheritdoc/>
    public override void CancelPendingRead()
    {
        _isCancelled = true;
        input.CancelPendingRead();
    }

    /// <inheritdoc/>
    /// <remarks>What is behind the body in the input is somebody else's.</remarks>
    public override void Complete(Exception? exception = null)
    {
    }

    private async ValueTask<ReadResult> WaitAsync(ValueTask<ReadResult> read)
    {
        long since = Stopwatch.GetTimestamp();
        Interlocked.Exchange(ref _waitingSince, since);
        try
        {
            return Take(await read.ConfigureAwait(false));
        }
        finally
        {
            _waited += Stopwatch.GetElapsedTime(since).TotalSeconds;
            Interlocked.Exchange(ref _waitingSince, 0);
        }
    }

    private ReadResult Take(in ReadResult read)
    {
        ReadOnlySequence<byte> buffer = read.Buffer.Length > _left ? read.Buffer.Slice(0, _left) : read.Buffer;
        _buffer = buffer;
        _isRead = true;
        bool isWhole = length is null ? read.IsCompleted : buffer.Length == _left;
        if (isWhole || !(read.IsCompleted || (read.IsCanceled && _tooSlow)))
        {
            // The input may have been cancelled for whoever read the head, in the last moment: that is not the reader's concern.
            return new ReadResult(buffer, read.IsCanceled && _isCancelled, isWhole);
        }

        AdvanceTo(buffer.Start, buffer.End);
        throw read.IsCompleted
            ? new BadHttpRequestException("The request body ends before its Content-Length.", StatusCodes.Status400BadRequest)
            : new BadHttpRequestException("The request body comes too slowly.", StatusCodes.Status408RequestTimeout);
    }
}
