namespace Darter.Wire.Tests;

/// <summary>Writes and reads whole sequences of frames.</summary>
internal static class WireStream
{
    /// <summary>The bytes of <paramref name="frames"/>, as one direction of a channel carries them.</summary>
    public static byte[] Write(IEnumerable<WireFrame> frames)
    {
        using var buffer = new OutgoingBuffer(64);
        var writer = new FrameWriter(buffer);
        foreach (WireFrame frame in frames)
        {
            writer.Write(frame.Type, frame.Flags, frame.Stream, frame.Payload);
        }

        return buffer.Span.ToArray();
    }

    /// <summary>The bytes of each frame by itself, numbered as in a stream.</summary>
    public static byte[][] WriteEach(IReadOnlyList<WireFrame> frames)
    {
        byte[] all = Write(frames);
        var pieces = new byte[frames.Count][];
        int offset = 0;
        for (int i = 0; i < pieces.Length; i++)
        {
            int size = FrameHeader.Size + frames[i].Payload.Length;
            pieces[i] = all[offset..(offset + size)];
            offset += size;
        }

        return pieces;
    }

    /// <summary>Reads frames from pieces that arrive one after the other, until they are used up or are no frames.</summary>
    public static Outcome Read(IEnumerable<byte[]> pieces)
    {
        var frames = new List<WireFrame>();
        var reader = default(FrameReader);
        byte[] kept = [];
        foreach (byte[] piece in pieces)
        {
            byte[] bytes = [.. kept, .. piece];
            ReadOnlySpan<byte> rest = bytes;
            while (true)
            {
                int before = rest.Length;
                FrameStatus status = reader.TryRead(ref rest, out FrameHeader header, out ReadOnlySpan<byte> payload, out FrameError error);
                if (status == FrameStatus.Invalid)
                {
                    return new Outcome(frames, error, rest.Length);
                }

                if (status == FrameStatus.NeedMore)
                {
                    Assert.Equal(before, rest.Length);
                    Assert.True(rest.Length < FrameReader.SizeOfNext(rest));
                    break;
                }

                Assert.Equal(before - FrameHeader.Size - header.Length, rest.Length);
                Assert.Equal(header.Length, payload.Length);
                frames.Add(new WireFrame(header.Type, header.Flags, header.Stream, payload.ToArray()));
            }

            kept = rest.ToArray();
        }

        Assert.Equal((uint)frames.Count, reader.Count);
        return new Outcome(frames, FrameError.None, kept.Length);
    }

    /// <summary>What a reader made of a sequence of bytes.</summary>
    /// <param name="Frames">The frames it accepted.</param>
    /// <param name="Error">Why it stopped, or none when it waits for more.</param>
    /// <param name="Left">Bytes it has not taken.</param>
    public sealed record Outcome(List<WireFrame> Frames, FrameError Error, int Left);
}
