using System.IO.Compression;

namespace Darter.Server.WebSockets;

/// <summary>Decompresses messages (RFC 7692, section 7.2.2), each on its own: no context is taken over.</summary>
internal sealed class MessageInflater : IDisposable
{
    private readonly Source _source = new();
    private DeflateStream? _stream;

    /// <summary>Whether all of the message was fed.</summary>
    internal bool IsLast => _source.IsLast;

    /// <summary>
    /// Gives the next part of the compressed message, which must stay as it is until <see cref="Read"/> returns 0.
    /// </summary>
    internal void Feed(ReadOnlyMemory<byte> bytes, bool last) => _source.Set(bytes, last);

    /// <summary>Reads what was fed so far. 0: all of that is read.</summary>
    /// <exception cref="InvalidDataException">It is not compressed as it should be.</exception>
    internal int Read(Span<byte> destination)
    {
        _stream ??= new DeflateStream(_source, CompressionMode.Decompress, leaveOpen: true);
        return _stream.Read(destination);
    }

    /// <summary>Ends the message and gives up the memory it took.</summary>
    public void Dispose()
    {
        _stream?.Dispose();
        _stream = null;
        _source.Set(default, last: false);
    }

    private sealed class Source : Stream
    {
        // What the sender took off the end of the message (section 7.2.1).
        private static readonly byte[] Tail = [0, 0, 0xff, 0xff];

        private ReadOnlyMemory<byte> _bytes;
        private bool _atTail;

        internal bool IsLast { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        internal void Set(ReadOnlyMemory<byte> bytes, bool last)
        {
            _bytes = bytes;
            IsLast = last;
            _atTail = false;
        }

        public override int Read(Span<byte> buffer)
        {
            if (_bytes.IsEmpty && IsLast && !_atTail)
            {
                _bytes = Tail;
                _atTail = true;
            }

            int count = Math.Min(buffer.Length, _bytes.Length);
            _bytes.Span[..count].CopyTo(buffer);
            _bytes = _bytes[count..];
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
