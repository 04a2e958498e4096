using CsCheck;
using Darter.Server.Caching;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Tests.Caching;

/// <summary>Stored answers as bytes.</summary>
public class AnswerCodecTests
{
    private const string Place = "http://example.org/ x";

    private static readonly Gen<string> s_text = Gen.String[Gen.Char[' ', '\u007e'], 0, 20];

    private static readonly Gen<CachedAnswer> s_answer = Gen.Select(
        Gen.Int[200, 599],
        s_text,
        Gen.Select(Gen.String[Gen.Char.AlphaNumeric, 1, 8], s_text.Array[0, 3]).Array[0, 5],
        Gen.Byte.Array[0, 300].Array[0, 3],
        s_text.Array[0, 3],
        Gen.Int[0, 1_000_000].Array[4],
        Gen.Bool,
        (status, reason, fields, body, tags, times, isStrict) => new CachedAnswer
        {
            Status = status,
            Reason = reason.Length == 0 ? null : reason,
            Fields = [.. fields.Select(field => new KeyValuePair<string, StringValues>(field.Item1, field.Item2))],
            Body = body,
            Length = body.Sum(piece => (long)piece.Length),
            Freshness = new Freshness { ReceivedAt = 0, Lifetime = times[0], StaleWhileRevalidate = times[1], StaleIfError = times[2], IsStrict = isStrict },
            Audience = (CacheAudience)(times[3] % 4),
            Tags = tags,
        });

    [Fact]
    public void Answer_ComesBackAsItWas_AndOlder() => Gen.Select(s_answer, Gen.Int[0, 5000], Gen.Int[-5000, 5000]).Sample((answer, age, passed) =>
    {
        byte[] bytes = AnswerCodec.Write(answer, Place, "17", age, now: 1_000_000);
        (CachedAnswer read, string number) = AnswerCodec.TryRead(bytes, Place, clock: 77, now: 1_000_000 + passed)!.Value;
        Assert.Equal("17", number);
        Assert.Equal((answer.Status, answer.Reason, answer.Length, answer.Audience), (read.Status, read.Reason, read.Length, read.Audience));
        Assert.Equal(answer.Fields.Select(Text), read.Fields.Select(Text));
        Assert.Equal(answer.Tags, read.Tags);
        Assert.Equal(answer.Body.SelectMany(piece => piece), read.Body.SelectMany(piece => piece));
        Freshness expected = answer.Freshness with { ReceivedAt = 77, InitialAge = age + Math.Max(0, passed) };
        Assert.Equal(expected, read.Freshness);
        Assert.Null(AnswerCodec.TryRead(bytes, Place + "y", 77, 1_000_000));
    });

    [Fact]
    public void Body_OfManyBytes_IsInPieces()
    {
        byte[] body = [.. Enumerable.Range(0, 200_000).Select(i => (byte)i)];
        CachedAnswer answer = new() { Status = 200, Fields = [], Body = [body], Length = body.Length, Freshness = new Freshness { ReceivedAt = 0, Lifetime = 1 }, Audience = CacheAudience.Anybody };
        CachedAnswer read = AnswerCodec.TryRead(AnswerCodec.Write(answer, Place, "1", 0, 0), Place, 0, 0)!.Value.Answer;
        Assert.Equal(body, read.Body.SelectMany(piece => piece));
        Assert.All(read.Body, piece => Assert.InRange(piece.Length, 1, 64 * 1024));
    }

    [Fact]
    public void Bytes_OfWhichOneIsWrong_OrThatEnd_AreNoAnswer() => Gen.Select(s_answer, Gen.Int[0, int.MaxValue], Gen.Byte[1, 255]).Sample((answer, place, change) =>
    {
        byte[] bytes = AnswerCodec.Write(answer, Place, "1", 0, 0);
        Assert.Null(AnswerCodec.TryRead(bytes[..(place % bytes.Length)], Place, 0, 0));
        bytes[place % bytes.Length] ^= change;
        Assert.Null(AnswerCodec.TryRead(bytes, Place, 0, 0));
    });

    [Fact]
    public void Garbage_IsNoAnswer() => Gen.Byte.Array[0, 100].Sample(bytes =>
    {
        Assert.Null(AnswerCodec.TryRead(bytes, Place, 0, 0));
        Assert.Null(AnswerCodec.TryRead([1, .. bytes], Place, 0, 0));
    });

    [Theory]
    [InlineData("X-A", "a\r\nb: c")]
    [InlineData("X A", "a")]
    [InlineData("", "a")]
    public void Field_ThatWouldBreakAResponse_IsNoAnswer(string name, string value)
    {
        // Its check sum is right: somebody has made it so.
        CachedAnswer answer = new() { Status = 200, Fields = [new(name, value)], Body = [], Length = 0, Freshness = new Freshness { ReceivedAt = 0, Lifetime = 1 }, Audience = CacheAudience.Anybody };
        Assert.Null(AnswerCodec.TryRead(AnswerCodec.Write(answer, Place, "1", 0, 0), Place, 0, 0));
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, -1)]
    [InlineData(long.MaxValue, 0)]
    public void Time_ThatIsNone_IsNoAnswer(long age, long now)
    {
        CachedAnswer answer = new() { Status = 200, Fields = [], Body = [], Length = 0, Freshness = new Freshness { ReceivedAt = 0, Lifetime = 1 }, Audience = CacheAudience.Anybody };
        Assert.Null(AnswerCodec.TryRead(AnswerCodec.Write(answer, Place, "1", age, now), Place, 0, 0));
    }

    private static string Text(KeyValuePair<string, StringValues> field) => $"{field.Key}: {string.Join("|", field.Value.ToArray())}";
}
