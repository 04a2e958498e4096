using System.Buffers;
using System.IO.Pipelines;

namespace Darter.Server.Protocols.FastCgi;

/// <summary>A response's bytes, gathered to records of FCGI_STDOUT.</summary>
internal sealed class RecordWriter(FastCgiOutput output, ushort id) : PipeWriter
{
    private const int FirstSize = 4096;
    private const int Enough = 32 * 1024;

    private byte[] _buffer = [];
    private int _length;

    /// <inheritdoc/>
    public override bool CanGetUnflushedBytes => true;

    /// <inheritdoc/>
    public override long UnflushedBytes => _length;

    /// <inheritdoc/>
    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_length >= Enough)
        {
            WriteRecords();
        }

        int needed = _length + Math.Max(sizeHint, 1);
        if (_buffer.Length < needed)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Max(FirstSize, 2 * _buffer.Length)));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            GiveBack();
            _buffer = larger;
        }

        return _buffer.AsMemory(_length);
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <inheritdoc/>
    public override void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)bytes, (uint)(_buffer.Length - _length));
        _length += bytes;
    }

    /// <inheritdoc/>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        WriteRecords();
        return output.FlushAsync();
    }

    /// <inheritdoc/>
    public override void CancelPendingFlush() => throw new NotSupportedException("A flush is of all requests of the connection.");

    /// <inheritdoc/>
    /// <remarks>Gives the buffer back; what was not flushed is dropped.</remarks>
    public override void Complete(Exception? exception = null)
    {
        GiveBack();
        _buffer = [];
        _length = 0;
    }

    /// <summary>Gives what was gathered to the connection's output.</summary>
    internal void WriteRecords()
    {
        output.Write(RecordType.Stdout, id, _buffer.AsSpan(0, _length));
        _length = 0;
    }

    private void GiveBack()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }
    }
}
