namespace Darter.Wire.Tests;

/// <summary>A frame as a test sees it: the header's fields and its payload.</summary>
internal sealed record WireFrame(FrameType Type, FrameFlags Flags, uint Stream, byte[] Payload)
{
    public FrameHeader Header => new(Type, Flags, Stream, Payload.Length);

    public bool Equals(WireFrame? other) =>
        other is not null && Header == other.Header && Payload.AsSpan().SequenceEqual(other.Payload);

    public override int GetHashCode() => Header.GetHashCode();

    public override string ToString() => $"{Type}/{Flags}/{Stream}/{Payload.Length}";
}
