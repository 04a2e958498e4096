using System.IO.Compression;
using System.Text;
using CsCheck;
using Darter.Server.WebSockets;
using Darter.Wire;

namespace Darter.Server.Tests.WebSockets;

public sealed class MessageReaderTests
{
    private const int MaxSize = 1 << 20;

    private static readonly Gen<(bool Text, byte[][] Frames)> Messages = Gen.Select(
        Gen.Bool,
        Gen.String[0, 200].Select(Encoding.UTF8.GetBytes).Array[1, 4]);

    [Fact]
    public void Read_MessagesInAnyPieces_AreTheMessages() =>
        Gen.Select(Messages.Array[1, 4], Gen.Int[1, 40], Gen.Int[1, 300], Gen.Bool).Sample((messages, step, limit, pings) =>
        {
            List<byte> sent = [];
            List<(MessageKind, string)> expected = [];
            foreach ((bool text, byte[][] frames) in messages)
            {
                for (int i = 0; i < frames.Length; i++)
                {
                    FrameOpcode opcode = i > 0 ? FrameOpcode.Continuation : text ? FrameOpcode.Text : FrameOpcode.Binary;
                    sent.AddRange(WebSocketPeer.Frame(opcode, frames[i], i == frames.Length - 1));
                    if (pings)
                    {
                        sent.AddRange(WebSocketPeer.Frame(FrameOpcode.Ping, "between"u8));
                    }
                }

                expected.Add((text ? MessageKind.Text : MessageKind.Binary, Convert.ToHexString([.. frames.SelectMany(frame => frame)])));
            }

            Transcript read = Read(new MessageReader(MaxSize, deflate: false), [.. sent], step, limit);

            Assert.Null(read.Failure);
            Assert.Equal(expected, read.Messages);
            Assert.Equal(pings ? messages.Sum(message => message.Frames.Length) : 0, read.Pings);
            Assert.True(read.LongestPiece <= limit);
        });

    [Fact]
    public void Read_CompressedMessages_AreTheMessages() =>
        Gen.Select(Messages.Array[1, 4], Gen.Int[1, 40], Gen.Int[1, 300], Gen.Int[9, 15]).Sample((messages, step, limit, bits) =>
        {
            using MessageDeflater deflater = new();
            List<byte> sent = [];
            List<(MessageKind, string)> expected = [];
            foreach ((bool text, byte[][] frames) in messages)
            {
                for (int i = 0; i < frames.Length; i++)
                {
                    FrameOpcode opcode = i > 0 ? FrameOpcode.Continuation : text ? FrameOpcode.Text : FrameOpcode.Binary;
                    bool final = i == frames.Length - 1;
                    sent.AddRange(WebSocketPeer.Frame(opcode, deflater.Compress(frames[i], final, bits), final, reserved: (byte)(i == 0 ? 4 : 0)));
                }

                expected.Add((text ? MessageKind.Text : MessageKind.Binary, Convert.ToHexString([.. frames.SelectMany(frame => frame)])));
            }

            Transcript read = Read(new MessageReader(MaxSize, deflate: true), [.. sent], step, limit);

            Assert.Null(read.Failure);
            Assert.Equal(expected, read.Messages);
        });

    [Fact]
    public void Read_OfAnyBytes_EndsAndKeepsTheLimits() =>
        Gen.Select(Gen.Byte.Array[0, 300], Gen.Bool).Sample((bytes, deflate) =>
            Assert.True(Read(new MessageReader(100, deflate), bytes, step: 7, limit: 50).LongestPiece <= 50));

    public static TheoryData<string, byte[], int, string> Violations => new()
    {
        { "reserved bit", WebSocketPeer.Frame(FrameOpcode.Text, "a"u8, reserved: 4), 1002, "reserved bits are set" },
        { "reserved bit 2", WebSocketPeer.Frame(FrameOpcode.Text, "a"u8, reserved: 2), 1002, "reserved bits are set" },
        { "no mask", [0x81, 1, 65], 1002, "frame is not masked" },
        { "opcode 3", WebSocketPeer.Frame((FrameOpcode)3, "a"u8), 1002, "unknown opcode" },
        { "opcode 11", WebSocketPeer.Frame((FrameOpcode)11, "a"u8), 1002, "unknown opcode" },
        { "fragmented ping", WebSocketPeer.Frame(FrameOpcode.Ping, "a"u8, final: false), 1002, "fragmented control frame" },
        { "long ping", WebSocketPeer.Frame(FrameOpcode.Ping, new byte[126]), 1002, "control frame too long" },
        { "continuation of nothing", WebSocketPeer.Frame(FrameOpcode.Continuation, "a"u8), 1002, "nothing to continue" },
        { "message in a message", [.. WebSocketPeer.Frame(FrameOpcode.Text, "a"u8, final: false), .. WebSocketPeer.Frame(FrameOpcode.Text, "a"u8)], 1002, "message within a message" },
        { "length with the highest bit", [0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4], 1002, "invalid length" },
        { "close of one byte", WebSocketPeer.Frame(FrameOpcode.Close, [3]), 1002, "invalid close code" },
        { "close code 1005", WebSocketPeer.Frame(FrameOpcode.Close, [0x03, 0xed]), 1002, "invalid close code" },
        { "close code 999", WebSocketPeer.Frame(FrameOpcode.Close, [0x03, 0xe7]), 1002, "invalid close code" },
        { "close code 5000", WebSocketPeer.Frame(FrameOpcode.Close, [0x13, 0x88]), 1002, "invalid close code" },
        { "close reason", WebSocketPeer.Frame(FrameOpcode.Close, [0x03, 0xe8, 0xff]), 1007, "invalid UTF-8" },
        { "text", WebSocketPeer.Frame(FrameOpcode.Text, [0xff]), 1007, "invalid UTF-8" },
        { "text cut off", WebSocketPeer.Frame(FrameOpcode.Text, [0xc3]), 1007, "invalid UTF-8" },
        { "too big", WebSocketPeer.Frame(FrameOpcode.Binary, new byte[MaxSize + 1]), 1009, "message too big" },
        { "too big in frames", [.. WebSocketPeer.Frame(FrameOpcode.Binary, new byte[MaxSize], final: false), .. WebSocketPeer.Frame(FrameOpcode.Continuation, [1])], 1009, "message too big" },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public void Read_OfAViolation_Fails(string name, byte[] bytes, int code, string reason)
    {
        Transcript read = Read(new MessageReader(MaxSize, deflate: false), bytes, step: 1000, limit: int.MaxValue);
        Assert.Equal((name, code, reason), (name, read.Code, read.Failure));
    }

    [Fact]
    public void Read_OfABombThatInflates_FailsAtTheLimit()
    {
        using MemoryStream small = new();
        using (DeflateStream deflate = new(small, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 16; i++)
            {
                deflate.Write(zeros);
            }
        }

        Transcript read = Read(new MessageReader(MaxSize, deflate: true), WebSocketPeer.Frame(FrameOpcode.Binary, small.ToArray(), reserved: 4), step: 1000, limit: int.MaxValue);

        Assert.Equal((1009, "message too big"), (read.Code, read.Failure));
        Assert.True(read.LongestPiece <= 64 * 1024);
    }

    [Fact]
    public void Read_OfWrongCompressedData_Fails()
    {
        Transcript read = Read(new MessageReader(MaxSize, deflate: true), WebSocketPeer.Frame(FrameOpcode.Binary, [0xff, 0xff, 0xff, 0xff, 0xff], reserved: 4), step: 1000, limit: 100);
        Assert.Equal((1007, "invalid compressed data"), (read.Code, read.Failure));
    }

    [Theory]
    [InlineData(new byte[0], 1005, "")]
    [InlineData(new byte[] { 0x03, 0xe8 }, 1000, "")]
    [InlineData(new byte[] { 0x0f, 0xa0, 0x62, 0x79, 0x65 }, 4000, "bye")]
    public void Read_OfAClose_HasCodeAndReason(byte[] payload, int code, string reason)
    {
        Transcript read = Read(new MessageReader(MaxSize, deflate: false), WebSocketPeer.Frame(FrameOpcode.Close, payload), step: 3, limit: 100);
        Assert.Equal((code, reason), (read.Code, read.Reason));
    }

    /// <summary>Gives the bytes to a reader, some at a time, as a connection would.</summary>
    private static Transcript Read(MessageReader reader, byte[] bytes, int step, int limit)
    {
        using MessageReader _ = reader;
        Transcript transcript = new();
        List<byte> message = [];
        byte[] rest = [];
        for (int offset = 0; offset < bytes.Length; offset += step)
        {
            // A new array each time: the reader must not depend on an old one.
            byte[] array = [.. rest, .. bytes.AsSpan(offset, Math.Min(step, bytes.Length - offset))];
            Memory<byte> buffer = array;
            MessageEvent found;
            while ((found = reader.Read(ref buffer, limit, out ReadOnlySpan<byte> piece)) != MessageEvent.NeedMore)
            {
                switch (found)
                {
                    case MessageEvent.Piece:
                        transcript.LongestPiece = Math.Max(transcript.LongestPiece, piece.Length);
                        message.AddRange(piece);
                        if (reader.IsLast)
                        {
                            transcript.Messages.Add((reader.Kind, Convert.ToHexString([.. message])));
                            message.Clear();
                        }

                        break;
                    case MessageEvent.Ping:
                        transcript.Pings++;
                        break;
                    case MessageEvent.Close:
                        transcript.Code = reader.Code;
                        transcript.Reason = Encoding.UTF8.GetString(piece);
                        return transcript;
                    case MessageEvent.Failed:
                        transcript.Code = reader.Code;
                        transcript.Failure = Encoding.UTF8.GetString(piece);
                        return transcript;
                }
            }

            Assert.True(buffer.Length < MessageReader.LeastBuffer);
            rest = buffer.ToArray();
        }

        return transcript;
    }

    private sealed class Transcript
    {
        public List<(MessageKind Kind, string Hex)> Messages { get; } = [];

        public int Pings { get; set; }

        public int LongestPiece { get; set; }

        public int Code { get; set; }

        public string? Reason { get; set; }

        public string? Failure { get; set; }
    }
}
