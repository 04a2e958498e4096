using CsCheck;

namespace Darter.Wire.Tests;

/// <summary>
/// Whatever happens to the bytes of a channel, the reader yields a prefix of the headers that were written, then stops
/// or waits: it never takes something else for a frame.
/// </summary>
public class FrameCorruptionTests
{
    [Fact]
    public void TryRead_EveryBitOfAHeaderFlipped_IsInvalid() =>
        Generate.Frame.Array[1, 4].Sample(
            frames =>
            {
                byte[] bytes = WireStream.Write(frames);
                int start = 0;
                for (int i = 0; i < frames.Length; i++)
                {
                    for (int bit = 0; bit < FrameHeader.Size * 8; bit++)
                    {
                        byte[] damaged = (byte[])bytes.Clone();
                        damaged[start + (bit / 8)] ^= (byte)(1 << (bit % 8));
                        WireStream.Outcome outcome = WireStream.Read([damaged]);
                        Assert.Equal(FrameError.Check, outcome.Error);
                        Assert.Equal(frames.Take(i), outcome.Frames);
                    }

                    start += FrameHeader.Size + frames[i].Payload.Length;
                }
            },
            iter: 30);

    [Fact]
    public void TryRead_BytesOverwritten_YieldsNoWrongHeader() =>
        Gen.Select(Generate.Frames, Gen.Int[0, 10_000], Gen.Byte.Array[1, 40]).Sample((frames, at, values) =>
        {
            byte[] bytes = WireStream.Write(frames);
            int start = at % bytes.Length;
            values.AsSpan(0, Math.Min(values.Length, bytes.Length - start)).CopyTo(bytes.AsSpan(start));
            AssertPrefix(frames, WireStream.Read([bytes]));
        });

    [Fact]
    public void TryRead_BytesDropped_YieldsNoWrongHeader() =>
        Gen.Select(Generate.Frames, Gen.Int[0, 10_000], Gen.Int[1, 80]).Sample((frames, at, count) =>
        {
            byte[] bytes = WireStream.Write(frames);
            int start = at % bytes.Length;
            WireStream.Outcome outcome = WireStream.Read([[.. bytes[..start], .. bytes[Math.Min(start + count, bytes.Length)..]]]);
            AssertPrefix(frames, outcome);
            Assert.True(outcome.Frames.Count < frames.Length, "All frames were read although bytes were missing.");
        });

    [Fact]
    public void TryRead_BytesRepeated_YieldsNoWrongHeader() =>
        Gen.Select(Generate.Frames, Gen.Int[0, 10_000], Gen.Int[1, 80]).Sample((frames, at, count) =>
        {
            byte[] bytes = WireStream.Write(frames);
            int start = at % bytes.Length;
            int end = Math.Min(start + count, bytes.Length);
            WireStream.Outcome outcome = WireStream.Read([[.. bytes[..end], .. bytes[start..]]]);
            AssertPrefix(frames, outcome);
            Assert.True(outcome.Error != FrameError.None || outcome.Left > 0, "The additional bytes passed unnoticed.");
        });

    [Fact]
    public void TryRead_BytesInserted_YieldsNoWrongHeader() =>
        Gen.Select(Generate.Frames, Gen.Int[0, 10_000], Gen.Byte.Array[1, 80]).Sample((frames, at, values) =>
        {
            byte[] bytes = WireStream.Write(frames);
            int start = at % (bytes.Length + 1);
            WireStream.Outcome outcome = WireStream.Read([[.. bytes[..start], .. values, .. bytes[start..]]]);
            AssertPrefix(frames, outcome);
            Assert.True(outcome.Error != FrameError.None || outcome.Left > 0, "The additional bytes passed unnoticed.");
        });

    [Fact]
    public void TryRead_FramesReordered_StopsAtTheFirstOutOfPlace() =>
        Gen.Select(Generate.Frame.Array[2, 12], Gen.Int[0, 10_000], Gen.Int[0, 10_000]).Sample((frames, a, b) =>
        {
            int first = a % (frames.Length - 1);
            int second = first + 1 + (b % (frames.Length - 1 - first));
            byte[][] pieces = WireStream.WriteEach(frames);
            (pieces[first], pieces[second]) = (pieces[second], pieces[first]);
            WireStream.Outcome outcome = WireStream.Read(pieces);
            Assert.Equal(FrameError.Check, outcome.Error);
            Assert.Equal(frames.Take(first), outcome.Frames);
        });

    [Fact]
    public void TryRead_FrameRepeated_IsInvalid() =>
        Gen.Select(Generate.Frames, Gen.Int[0, 10_000]).Sample((frames, a) =>
        {
            int index = a % frames.Length;
            byte[][] pieces = WireStream.WriteEach(frames);
            WireStream.Outcome outcome = WireStream.Read([.. pieces[..(index + 1)], .. pieces[index..]]);
            Assert.Equal(FrameError.Check, outcome.Error);
            Assert.Equal(frames.Take(index + 1), outcome.Frames);
        });

    [Fact]
    public void TryRead_FrameDropped_IsInvalid() =>
        Gen.Select(Generate.Frame.Array[2, 12], Gen.Int[0, 10_000]).Sample((frames, a) =>
        {
            int index = a % (frames.Length - 1);
            byte[][] pieces = WireStream.WriteEach(frames);
            WireStream.Outcome outcome = WireStream.Read([.. pieces[..index], .. pieces[(index + 1)..]]);
            Assert.Equal(FrameError.Check, outcome.Error);
            Assert.Equal(frames.Take(index), outcome.Frames);
        });

    [Fact]
    public void TryRead_SecondWriter_IsInvalid() =>
        Gen.Select(Generate.Frames, Generate.Frames).Sample((frames, others) =>
        {
            // The other writer numbers its frames from the point where it was forked off.
            byte[] bytes = WireStream.Write([.. frames, .. others]);
            byte[][] forked = WireStream.WriteEach([.. frames, .. others]);
            WireStream.Outcome outcome = WireStream.Read([bytes, .. forked[frames.Length..]]);
            Assert.Equal(FrameError.Check, outcome.Error);
            Assert.Equal([.. frames, .. others], outcome.Frames);
        });

    [Fact]
    public void TryRead_RandomBytes_AreNeverAFrame() =>
        Gen.Byte.Array[0, 300].Sample(bytes =>
        {
            WireStream.Outcome outcome = WireStream.Read([bytes]);
            Assert.Empty(outcome.Frames);
            Assert.Equal(bytes.Length < FrameHeader.Size ? FrameError.None : FrameError.Check, outcome.Error);
        });

    private static void AssertPrefix(WireFrame[] written, WireStream.Outcome outcome)
    {
        Assert.InRange(outcome.Frames.Count, 0, written.Length);
        Assert.Equal(written.Take(outcome.Frames.Count).Select(frame => frame.Header), outcome.Frames.Select(frame => frame.Header));
    }
}
