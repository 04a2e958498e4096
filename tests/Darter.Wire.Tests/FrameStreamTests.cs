using CsCheck;

namespace Darter.Wire.Tests;

/// <summary>Sequences of frames that arrive intact, however the bytes are cut.</summary>
public class FrameStreamTests
{
    [Fact]
    public void TryRead_AnySplitOfBytes_YieldsTheFrames() =>
        Gen.Select(Generate.Frames, Gen.Int[1, 70].Array[1, 40]).Sample((frames, sizes) =>
        {
            byte[] bytes = WireStream.Write(frames);
            var pieces = new List<byte[]>();
            for (int offset = 0, i = 0; offset < bytes.Length; i++)
            {
                int size = Math.Min(sizes[i % sizes.Length], bytes.Length - offset);
                pieces.Add(bytes[offset..(offset + size)]);
                offset += size;
            }

            WireStream.Outcome outcome = WireStream.Read(pieces);
            Assert.Equal(frames, outcome.Frames);
            Assert.Equal(FrameError.None, outcome.Error);
            Assert.Equal(0, outcome.Left);
        });

    [Fact]
    public void TryRead_ByteByByte_YieldsTheFrames() =>
        Generate.Frames.Sample(
            frames =>
            {
                WireStream.Outcome outcome = WireStream.Read(WireStream.Write(frames).Select(value => new[] { value }));
                Assert.Equal(frames, outcome.Frames);
                Assert.Equal(0, outcome.Left);
            },
            iter: 30);

    [Fact]
    public void TryRead_TruncatedAtEveryByte_NeedsMoreAfterTheWholeFrames() =>
        Generate.Frame.Array[1, 4].Sample(
            frames =>
            {
                byte[] bytes = WireStream.Write(frames);
                for (int length = 0; length < bytes.Length; length++)
                {
                    WireStream.Outcome outcome = WireStream.Read([bytes[..length]]);
                    Assert.Equal(FrameError.None, outcome.Error);
                    Assert.Equal(frames.Take(outcome.Frames.Count), outcome.Frames);
                    Assert.Equal(length, outcome.Left + outcome.Frames.Sum(frame => FrameHeader.Size + frame.Payload.Length));
                }
            },
            iter: 30);

    [Fact]
    public void TryRead_LargestPayload_IsAccepted()
    {
        var frame = new WireFrame(FrameType.Request, FrameFlags.End, 1, new byte[ChannelFormat.MaxPayload]);
        Assert.Equal([frame], WireStream.Read([WireStream.Write([frame])]).Frames);
    }

    [Fact]
    public void TryRead_LongerThanTheLargestPayload_IsInvalidByItsHeaderAlone()
    {
        var header = new byte[FrameHeader.Size];
        new FrameHeader(FrameType.Request, FrameFlags.None, 1, ChannelFormat.MaxPayload + 1).Write(header, 0);
        Assert.Equal(FrameError.TooLong, WireStream.Read([header]).Error);
    }

    [Fact]
    public void WriteBody_AnyLength_IsCutAndComesOutWhole() =>
        Gen.Select(Gen.Int[0, (3 * ChannelFormat.MaxBodyChunk) + 2], Gen.Bool).Sample(
            (length, end) =>
            {
                byte[] body = new byte[length];
                new Random(length).NextBytes(body);
                using var buffer = new OutgoingBuffer();
                new FrameWriter(buffer).WriteBody(7, body, end);

                List<WireFrame> frames = WireStream.Read([buffer.Span.ToArray()]).Frames;
                Assert.Equal(body, frames.SelectMany(frame => frame.Payload));
                Assert.All(frames, frame => Assert.True(frame.Type == FrameType.Body && frame.Stream == 7));
                Assert.All(frames, frame => Assert.InRange(frame.Payload.Length, end ? 0 : 1, ChannelFormat.MaxBodyChunk));
                Assert.Equal(end ? 1 : 0, frames.Count(frame => frame.Flags == FrameFlags.End));
                Assert.True(!end || frames[^1].Flags == FrameFlags.End);
            },
            iter: 60);

    [Fact]
    public void WriteWindow_Bytes_AreLittleEndian()
    {
        using var buffer = new OutgoingBuffer();
        new FrameWriter(buffer).WriteWindow(3, 0x01020304);
        WireFrame frame = Assert.Single(WireStream.Read([buffer.Span.ToArray()]).Frames);
        Assert.Equal(new WireFrame(FrameType.Window, FrameFlags.None, 3, [4, 3, 2, 1]), frame);
    }

    [Fact]
    public void Complete_ShorterThanBegun_WritesTheShorterFrame()
    {
        using var buffer = new OutgoingBuffer(16);
        var writer = new FrameWriter(buffer);
        writer.Begin(500)[..3].Fill(9);
        writer.Complete(FrameType.Response, FrameFlags.End, 5, 3);
        writer.Write(FrameType.End, FrameFlags.None, 5);
        Assert.Equal(
            [new WireFrame(FrameType.Response, FrameFlags.End, 5, [9, 9, 9]), new WireFrame(FrameType.End, FrameFlags.None, 5, [])],
            WireStream.Read([buffer.Span.ToArray()]).Frames);
    }
}
