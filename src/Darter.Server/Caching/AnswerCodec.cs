using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Caching;

/// <summary>
/// Stored answers as bytes, for other servers: a version, a check sum of the rest, and the parts, little-endian, each text with its length
/// before it. What is read was written by somebody else, so everything is looked at.
/// </summary>
internal static class AnswerCodec
{
    private const byte Version = 1;
    private const int HeadLength = 5;

    // As HTTP servers have bounds for header sections.
    private const int MostTexts = 4096;

    // Some 30 years in milliseconds: what is longer than directives can say is no time.
    private const long LongestTime = (long)int.MaxValue * 1000;

    // Below the size from which on the garbage collector keeps objects apart, as in memory.
    private const int PieceSize = 64 * 1024;

    private static readonly System.Buffers.SearchValues<char> s_tokens =
        System.Buffers.SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Writes an answer.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="place">What it is the answer to.</param>
    /// <param name="number">The last purge before it.</param>
    /// <param name="age">Its age in milliseconds.</param>
    /// <param name="now">The time that servers have in common, in milliseconds.</param>
    internal static byte[] Write(CachedAnswer answer, string place, string number, long age, long now)
    {
        using MemoryStream stream = new(checked((int)answer.Length + 1024));
        using (BinaryWriter writer = new(stream, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Version);
            writer.Write(0u);
            writer.Write(place);
            writer.Write(number);
            writer.Write(now);
            writer.Write(age);
            writer.Write(answer.Freshness.Lifetime);
            writer.Write(answer.Freshness.StaleWhileRevalidate);
            writer.Write(answer.Freshness.StaleIfError);
            writer.Write(answer.Freshness.IsStrict);
            writer.Write((byte)answer.Audience);
            writer.Write((ushort)answer.Status);
            writer.Write(answer.Reason ?? "");
            writer.Write(answer.Fields.Length);
            foreach ((string name, StringValues values) in answer.Fields)
            {
                writer.Write(name);
                Write(writer, [.. values.OfType<string>()]);
            }

            Write(writer, answer.Tags);
            Array.ForEach(answer.Body, writer.Write);
        }

        byte[] bytes = stream.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(1), CheckSum(bytes.AsSpan(HeadLength)));
        return bytes;
    }

    /// <summary>Reads an answer; null: it is none, or of another version, or to something else.</summary>
    /// <param name="bytes">What <see cref="Write(CachedAnswer, string, string, long, long)"/> has written.</param>
    /// <param name="place">What it has to be the answer to.</param>
    /// <param name="clock">The cache's time, in milliseconds.</param>
    /// <param name="now">The time that servers have in common, in milliseconds.</param>
    internal static (CachedAnswer Answer, string Number)? TryRead(byte[] bytes, string place, long clock, long now)
    {
        if (bytes.Length < HeadLength || bytes[0] != Version || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(1)) != CheckSum(bytes.AsSpan(HeadLength)))
        {
            return null;
        }

        try
        {
            using MemoryStream stream = new(bytes, HeadLength, bytes.Length - HeadLength);
            using BinaryReader reader = new(stream, new UTF8Encoding(false, throwOnInvalidBytes: true));
            return reader.ReadString() == place ? Read(reader, clock, now) : null;
        }
        catch (Exception exception) when (exception is IOException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    private static (CachedAnswer Answer, string Number) Read(BinaryReader reader, long clock, long now)
    {
        string number = reader.ReadString();
        long written = reader.ReadInt64();
        Require(written >= 0);
        Freshness freshness = new()
        {
            ReceivedAt = clock,
            InitialAge = ReadTime(reader) + Math.Max(0, now - written),
            Lifetime = ReadTime(reader),
            StaleWhileRevalidate = ReadTime(reader),
            StaleIfError = ReadTime(reader),
            IsStrict = reader.ReadBoolean(),
        };
        CacheAudience audience = (CacheAudience)reader.ReadByte();
        Require(audience <= (CacheAudience.Cookies | CacheAudience.Identified));
        int status = reader.ReadUInt16();
        Require(status is >= StatusCodes.Status200OK and <= 999);
        string reason = reader.ReadString();
        Require(IsFieldText(reason));
        HeaderDictionary headers = [];
        KeyValuePair<string, StringValues>[] fields = new KeyValuePair<string, StringValues>[ReadCount(reader)];
        for (int i = 0; i < fields.Length; i++)
        {
            string name = reader.ReadString();
            string[] values = ReadTexts(reader);
            Require(name.Length > 0 && !name.AsSpan().ContainsAnyExcept(s_tokens) && Array.TrueForAll(values, IsFieldText));
            fields[i] = new KeyValuePair<string, StringValues>(name, values);
            headers[name] = values;
        }

        string[] tags = ReadTexts(reader);
        byte[][] body = ReadBody(reader, out long length);
        CachedAnswer answer = new()
        {
            Status = status,
            Reason = reason.Length == 0 ? null : reason,
            Fields = fields,
            Body = body,
            Length = length,
            Freshness = freshness,
            Audience = audience,
            Tags = tags,
            EntityTag = AnswerFields.EntityTagOf(headers),
            Modified = AnswerFields.ModifiedOf(headers),
        };
        return (answer, number);
    }

    private static byte[][] ReadBody(BinaryReader reader, out long length)
    {
        length = reader.BaseStream.Length - reader.BaseStream.Position;
        byte[][] body = new byte[(length + PieceSize - 1) / PieceSize][];
        for (int i = 0; i < body.Length; i++)
        {
            body[i] = reader.ReadBytes(PieceSize);
        }

        return body;
    }

    private static void Write(BinaryWriter writer, string[] texts)
    {
        writer.Write(texts.Length);
        Array.ForEach(texts, writer.Write);
    }

    private static string[] ReadTexts(BinaryReader reader)
    {
        string[] texts = new string[ReadCount(reader)];
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = reader.ReadString();
        }

        return texts;
    }

    private static int ReadCount(BinaryReader reader)
    {
        int count = reader.ReadInt32();
        Require(count is >= 0 and <= MostTexts);
        return count;
    }

    private static long ReadTime(BinaryReader reader)
    {
        long time = reader.ReadInt64();
        Require(time is >= 0 and <= LongestTime);
        return time;
    }

    // RFC 9110, section 5.5: anything else would break the response that it is in.
    private static bool IsFieldText(string text)
    {
        foreach (char c in text)
        {
            if ((c < ' ' && c != '\t') || c == '\u007f')
            {
                return false;
            }
        }

        return true;
    }

    private static void Require(bool isRight)
    {
        if (!isRight)
        {
            throw new FormatException();
        }
    }

    private static uint CheckSum(ReadOnlySpan<byte> bytes)
    {
        uint sum = uint.MaxValue;
        while (bytes.Length >= sizeof(ulong))
        {
            sum = BitOperations.Crc32C(sum, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte value in bytes)
        {
            sum = BitOperations.Crc32C(sum, value);
        }

        return sum;
    }
}
