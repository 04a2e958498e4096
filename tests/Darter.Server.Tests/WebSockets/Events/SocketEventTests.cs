using System.Text;
using CsCheck;
using Darter.Server.WebSockets.Events;
using Darter.Wire;

namespace Darter.Server.Tests.WebSockets.Events;

/// <summary>Events in the bodies of requests and answers.</summary>
public sealed class SocketEventTests
{
    private static readonly string[] s_parts = [
        "OPEN\r\n", "TEXT 5\r\nhello\r\n", "TEXT", " ", "5", "ffffffff", "\r\n", "\r", "\n", "CLOSE 2\r\n\u0003\r\n", "BINARY 0\r\n\r\n", "X\r\n", "-1", "0x2", "ab"];

    private static readonly Gen<(SocketEventType Type, byte[]? Content)> Event = Gen.OneOf(
        Gen.Const((SocketEventType.Open, (byte[]?)null)),
        Gen.Const((SocketEventType.Disconnect, (byte[]?)null)),
        Gen.String.Select(text => (SocketEventType.Text, (byte[]?)Encoding.UTF8.GetBytes(text))),
        Gen.Byte.Array[0, 300].Select(bytes => (SocketEventType.Binary, (byte[]?)bytes)),
        Gen.Byte.Array[0, 125].Select(bytes => (SocketEventType.Ping, (byte[]?)bytes)),
        Gen.Byte.Array[0, 125].Select(bytes => (SocketEventType.Pong, (byte[]?)bytes)),
        Gen.Select(Gen.UShort, Gen.String[0, 20]).Select((code, reason) => (SocketEventType.Close, (byte[]?)[(byte)(code >> 8), (byte)code, .. Encoding.UTF8.GetBytes(reason)])));

    // Pieces of events, whole and broken.
    private static readonly Gen<string> Broken = Gen.Int[0, s_parts.Length - 1].Select(i => s_parts[i]).Array[0, 8].Select(string.Concat);

    [Fact]
    public void Read_OfWhatWasWritten_IsTheSame() =>
        Event.List[0, 10].Sample(events =>
        {
            using OutgoingBuffer body = new();
            foreach ((SocketEventType type, byte[]? content) in events)
            {
                if (content is null)
                {
                    SocketEventWriter.Write(body, type);
                }
                else
                {
                    SocketEventWriter.Write(body, type, content);
                }
            }

            SocketEventReader reader = new(body.Span);
            foreach ((SocketEventType type, byte[]? content) in events)
            {
                Assert.True(reader.TryRead(out SocketEvent found));
                Assert.Equal(type, found.Type);
                Assert.Equal(content ?? [], found.Content.ToArray());
            }

            Assert.False(reader.TryRead(out _));
            Assert.Null(reader.Error);
        });

    [Fact]
    public void Read_OfAPartOfWhatWasWritten_HasWholeEventsOnly() =>
        Gen.Select(Event, Event, Gen.Double[0, 1]).Sample((first, second, fraction) =>
        {
            byte[] one = Encode(first);
            byte[] both = [.. one, .. Encode(second)];
            int cut = one.Length + (int)((both.Length - one.Length - 1) * fraction);
            SocketEventReader reader = new(both.AsSpan(0, cut));
            Assert.True(reader.TryRead(out SocketEvent found));
            Assert.Equal(first.Type, found.Type);
            Assert.False(reader.TryRead(out _));
            Assert.Equal(cut == one.Length, reader.Error is null);
        });

    [Fact]
    public void Read_OfAnything_EndsAndSaysWhatIsWrong() =>
        Gen.OneOf(Gen.Byte.Array[0, 60], Broken.Select(Encoding.Latin1.GetBytes)).Sample(bytes =>
        {
            SocketEventReader reader = new(bytes);
            int events = 0;
            while (reader.TryRead(out SocketEvent found))
            {
                // The shortest event has a type of one character.
                Assert.True(++events * 3 <= bytes.Length);
                Assert.True(found.Content.Length <= bytes.Length);
            }

            Assert.False(reader.TryRead(out _));
        });

    [Theory]
    [InlineData("TEXT 5\r\nhell\r\n")]
    [InlineData("TEXT 5\r\nhelloo\r\n")]
    [InlineData("TEXT 5\r\nhello")]
    [InlineData("TEXT \r\nhello\r\n")]
    [InlineData("TEXT 0x5\r\nhello\r\n")]
    [InlineData("TEXT  5\r\nhello\r\n")]
    [InlineData("TEXT -5\r\nhello\r\n")]
    [InlineData("TEXT 000000005\r\nhello\r\n")]
    [InlineData("TEXT ffffffff\r\nhello\r\n")]
    [InlineData("TEXT 1\r\n\u00e9\r\n")]
    [InlineData("CLOSE 1\r\n\u0003\r\n")]
    [InlineData("CLOSE 3\r\n\u0003\u00e8\u00e9\r\n")]
    [InlineData("OPEN\n")]
    [InlineData("\r\n")]
    [InlineData(" 5\r\nhello\r\n")]
    [InlineData("AVERYLONGTYPETHATNOBODYHASEVERHEARDOF 5\r\nhello\r\n")]
    public void Read_OfAMalformedEvent_Fails(string text)
    {
        SocketEventReader reader = new(Encoding.Latin1.GetBytes(text));
        Assert.False(reader.TryRead(out _));
        Assert.NotNull(reader.Error);
        Assert.False(reader.TryRead(out _));
    }

    [Theory]
    [InlineData(SocketEventType.Ping, 126)]
    [InlineData(SocketEventType.Pong, 126)]
    [InlineData(SocketEventType.Close, 126)]
    public void Read_OfAControlFrameThatIsTooLong_Fails(object type, int length)
    {
        SocketEventReader reader = new(Encode(((SocketEventType)type, new byte[length])));
        Assert.False(reader.TryRead(out _));
        Assert.NotNull(reader.Error);
    }

    [Theory]
    [InlineData("TEXT 5\r\nhello\r\n", SocketEventType.Text, "hello")]
    [InlineData("TEXT 0\r\n\r\n", SocketEventType.Text, "")]
    [InlineData("TEXT\r\n", SocketEventType.Text, "")]
    [InlineData("BINARY A\r\n0123456789\r\n", SocketEventType.Binary, "0123456789")]
    [InlineData("BINARY 00a\r\n0123456789\r\n", SocketEventType.Binary, "0123456789")]
    [InlineData("TEXT 2\r\n\r\n\r\n", SocketEventType.Text, "\r\n")]
    [InlineData("CLOSE\r\n", SocketEventType.Close, "")]
    [InlineData("OPEN\r\n", SocketEventType.Open, "")]
    [InlineData("SUBSCRIBE 3\r\nabc\r\n", SocketEventType.Unknown, "abc")]
    public void Read_OfAnEvent_Succeeds(string text, object type, string content)
    {
        SocketEventReader reader = new(Encoding.Latin1.GetBytes(text));
        Assert.True(reader.TryRead(out SocketEvent found));
        Assert.Equal(((SocketEventType)type, content), (found.Type, Encoding.Latin1.GetString(found.Content)));
        Assert.False(reader.TryRead(out _));
        Assert.Null(reader.Error);
    }

    private static byte[] Encode((SocketEventType Type, byte[]? Content) found)
    {
        using OutgoingBuffer body = new();
        if (found.Content is null)
        {
            SocketEventWriter.Write(body, found.Type);
        }
        else
        {
            SocketEventWriter.Write(body, found.Type, found.Content);
        }

        return body.Span.ToArray();
    }
}
