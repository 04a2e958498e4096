using System.IO.Compression;
using Darter.Wire;

namespace Darter.Server.WebSockets;

/// <summary>
/// Compresses messages (RFC 7692, section 7.2.1), each piece on its own, so that no connection keeps the 200 kB and more
/// that a compressor takes. One is enough for all connections of a thread.
/// </summary>
internal sealed class MessageDeflater : IDisposable
{
    /// <summary>A message whose first piece is shorter is not worth compressing.</summary>
    internal const int LeastSize = 128;

    private const int TailSize = 4;

    private readonly OutgoingBuffer _input = new();
    private readonly Sink _sink = new();
    private int _lastWindowBits;
    private bool _lastWasFinal;

    /// <summary>
    /// Compresses a piece of a message; <paramref name="final"/>: the last one. The result is good until the next call.
    /// </summary>
    /// <param name="piece">The piece.</param>
    /// <param name="final">Whether the message ends with it.</param>
    /// <param name="windowBits">Logarithm of how far back, in bytes, the receiver can look.</param>
    internal ReadOnlySpan<byte> Compress(ReadOnlySpan<byte> piece, bool final, int windowBits)
    {
        // A broadcast is the same message for one client after the other.
        if (windowBits == _lastWindowBits && final == _lastWasFinal && piece.SequenceEqual(_input.Span))
        {
            return _sink.Bytes.Span;
        }

        _lastWindowBits = windowBits;
        _lastWasFinal = final;
        _input.Truncate(0);
        piece.CopyTo(_input.GetSpan(piece.Length));
        _input.Advance(piece.Length);
        _sink.Bytes.Truncate(0);
        if (piece.IsEmpty)
        {
            if (final)
            {
                // The header of an empty block; the rest of it is what the receiver adds.
                _sink.Write([0]);
            }

            return _sink.Bytes.Span;
        }

        // A compressor cannot be told a smaller window, but it cannot refer farther back than its input goes.
        int segment = 1 << windowBits;
        for (; !piece.IsEmpty; piece = piece[Math.Min(segment, piece.Length)..])
        {
            using DeflateStream compressor = new(_sink, CompressionLevel.Fastest, leaveOpen: true);
            compressor.Write(piece[..Math.Min(segment, piece.Length)]);
            compressor.Flush();

            // What ends the stream when the compressor is disposed of does not belong to the message.
            _sink.IsClosed = true;
            compressor.Dispose();
            _sink.IsClosed = false;
        }

        if (final)
        {
            _sink.Bytes.Truncate(_sink.Bytes.Length - TailSize);
        }

        return _sink.Bytes.Span;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _input.Dispose();
        _sink.Dispose();
    }

    private sealed class Sink : Stream
    {
        internal OutgoingBuffer Bytes { get; } = new();

        internal bool IsClosed { get; set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (!IsClosed)
            {
                buffer.CopyTo(Bytes.GetSpan(buffer.Length));
                Bytes.Advance(buffer.Length);
            }
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                Bytes.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
