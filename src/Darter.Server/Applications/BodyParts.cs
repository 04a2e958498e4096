using Darter.Wire;

namespace Darter.Server.Applications;

/// <summary>What of a response body waits for the client, in order. Loop thread only.</summary>
internal sealed class BodyParts
{
    private readonly Queue<BodyPart> _parts = new();
    private BodyPart? _last;

    /// <summary>Whether nothing waits.</summary>
    internal bool IsEmpty => _parts.Count == 0;

    /// <summary>Bytes in memory that wait; regions of files take none.</summary>
    internal int BufferedBytes { get; private set; }

    /// <summary>Adds bytes at the end.</summary>
    internal void Add(ReadOnlySpan<byte> bytes)
    {
        if (_last?.Bytes is not { } buffer)
        {
            buffer = new OutgoingBuffer(Math.Max(bytes.Length, 4096));
            Add(new BodyPart { Bytes = buffer });
        }

        bytes.CopyTo(buffer.GetSpan(bytes.Length));
        buffer.Advance(bytes.Length);
        BufferedBytes += bytes.Length;
    }

    /// <summary>Adds a part at the end.</summary>
    internal void Add(BodyPart part)
    {
        _parts.Enqueue(part);
        _last = part;
    }

    /// <summary>The first part.</summary>
    internal BodyPart First => _parts.Peek();

    /// <summary>At most <paramref name="most"/> bytes of the first part, which is one of bytes.</summary>
    internal ReadOnlySpan<byte> PeekBytes(int most)
    {
        ReadOnlySpan<byte> bytes = First.Bytes!.Span;
        return bytes[..Math.Min(bytes.Length, most)];
    }

    /// <summary>Drops the first <paramref name="count"/> bytes of the first part, which is one of bytes.</summary>
    internal void Consume(int count)
    {
        OutgoingBuffer bytes = First.Bytes!;
        bytes.Consume(count);
        BufferedBytes -= count;
        if (bytes.Length == 0)
        {
            Take().Dispose();
        }
    }

    /// <summary>Takes the first part, for the caller to dispose.</summary>
    internal BodyPart Take()
    {
        BodyPart part = _parts.Dequeue();
        BufferedBytes -= part.Bytes?.Length ?? 0;
        if (_parts.Count == 0)
        {
            _last = null;
        }

        return part;
    }

    /// <summary>Drops all.</summary>
    internal void Clear()
    {
        while (_parts.TryDequeue(out BodyPart? part))
        {
            part.Dispose();
        }

        _last = null;
        BufferedBytes = 0;
    }
}
