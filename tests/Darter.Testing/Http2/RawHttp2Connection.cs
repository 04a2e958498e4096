using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Darter.Testing.Http;

namespace Darter.Testing.Http2;

/// <summary>A connection of HTTP/2 on which a test writes whatever frames it likes.</summary>
public sealed class RawHttp2Connection : IAsyncDisposable
{
    private static readonly string[] StaticStatus = ["200", "204", "206", "304", "400", "404", "500"];

    private readonly RawConnection _connection;

    private RawHttp2Connection(RawConnection connection)
    {
        _connection = connection;
    }

    /// <summary>Opens a connection and sends the preface with empty settings.</summary>
    public static async Task<RawHttp2Connection> OpenAsync(ServerAddress address)
    {
        var connection = new RawHttp2Connection(await RawConnection.OpenAsync(address));
        await connection._connection.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        await connection.WriteAsync(new Http2Frame(Http2FrameType.Settings, 0, 0, []));
        return connection;
    }

    /// <summary>A field block of literals that are not indexed (RFC 7541, 6.2.2).</summary>
    public static byte[] Encode(params IEnumerable<(string Name, string Value)> fields)
    {
        var block = new List<byte>();
        foreach ((string name, string value) in fields)
        {
            block.Add(0);
            AddText(block, name);
            AddText(block, value);
        }

        return [.. block];
    }

    /// <summary>The fields every request needs, and more.</summary>
    public static byte[] Request(string method, string path, params IEnumerable<(string Name, string Value)> more) =>
        Encode([(":method", method), (":scheme", "http"), (":authority", "example.com"), (":path", path), .. more]);

    /// <summary>Writes a frame.</summary>
    public Task WriteAsync(Http2Frame frame) => _connection.WriteAsync(frame.ToBytes());

    /// <summary>Writes bytes that need not be a frame.</summary>
    public Task WriteAsync(string bytes) => _connection.WriteAsync(bytes);

    /// <summary>Writes a HEADERS frame that is complete.</summary>
    public Task WriteHeadersAsync(int stream, byte[] block, bool end = true) =>
        WriteAsync(new Http2Frame(
            Http2FrameType.Headers, (byte)(Http2Frame.EndHeaders | (end ? Http2Frame.EndStream : 0)), stream, block));

    /// <summary>Writes a DATA frame.</summary>
    public Task WriteDataAsync(int stream, string data, bool end = true) =>
        WriteAsync(new Http2Frame(Http2FrameType.Data, end ? Http2Frame.EndStream : (byte)0, stream, Encoding.Latin1.GetBytes(data)));

    /// <summary>Reads the next frame; null at the end of the connection.</summary>
    public async Task<Http2Frame?> ReadAsync()
    {
        byte[] header;
        try
        {
            header = await _connection.ReadBytesAsync(9);
        }
        catch (InvalidDataException)
        {
            return null;
        }

        int length = BinaryPrimitives.ReadInt32BigEndian(header) >>> 8;
        return new Http2Frame(
            (Http2FrameType)header[3], header[4], BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(5)) & int.MaxValue, await _connection.ReadBytesAsync(length));
    }

    /// <summary>
    /// Reads what becomes of a stream, answers the server's SETTINGS and PINGs on the way, and says it in a word: the
    /// status and the body; "reset" or "goaway" with the error code; "closed".
    /// </summary>
    public async Task<string> ReadOutcomeAsync(int stream)
    {
        string status = "";
        var body = new StringBuilder();
        while (await ReadAsync() is { } frame)
        {
            if (frame.Type == Http2FrameType.GoAway && frame.ErrorCode != 0)
            {
                return $"goaway {frame.ErrorCode}";
            }

            if (frame is { Type: Http2FrameType.Settings or Http2FrameType.Ping, Flags: 0 })
            {
                await WriteAsync(frame with { Flags = 1, Payload = frame.Type == Http2FrameType.Settings ? [] : frame.Payload });
            }

            if (frame.Stream != stream)
            {
                continue;
            }

            switch (frame.Type)
            {
                case Http2FrameType.ResetStream:
                    // After a whole response this only says that the rest of the request is not wanted.
                    return $"reset {frame.ErrorCode}";
                case Http2FrameType.Headers when status.Length == 0:
                    status = Status(frame.Payload);
                    break;
                case Http2FrameType.Data:
                    body.Append(Encoding.Latin1.GetString(frame.Payload));
                    break;
            }

            if ((frame.Flags & Http2Frame.EndStream) != 0)
            {
                return $"{status} {body}".TrimEnd();
            }
        }

        return "closed";
    }

    /// <summary>Breaks the connection with a reset.</summary>
    public void Abort() => _connection.Abort();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static void AddText(List<byte> block, string text)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        if (bytes.Length < 127)
        {
            block.Add((byte)bytes.Length);
        }
        else
        {
            block.Add(127);
            int rest = bytes.Length - 127;
            for (; rest >= 128; rest >>= 7)
            {
                block.Add((byte)(rest | 128));
            }

            block.Add((byte)rest);
        }

        block.AddRange(bytes);
    }

    // The status comes first: an entry of the static table, or a literal with the name of one (8 to 14).
    private static string Status(byte[] block)
    {
        int start = (block[0] & 0xE0) == 0x20 ? 1 : 0;
        byte first = block[start];
        if ((first & 0x80) != 0)
        {
            return (first & 0x7F) is >= 8 and <= 14 and int index ? StaticStatus[index - 8] : throw new InvalidDataException($"The response starts with {first:x2}.");
        }

        int length = block[start + 1] & 0x7F;
        bool huffman = (block[start + 1] & 0x80) != 0;
        return huffman ? DecodeDigits(block.AsSpan(start + 2, length)) : Encoding.ASCII.GetString(block, start + 2, length);
    }

    // Huffman codes of digits (RFC 7541, appendix B): 0 to 2 have five bits, 00000 to 00010; the others six, 011001 to 011111.
    private static string DecodeDigits(ReadOnlySpan<byte> bytes)
    {
        string bits = string.Concat(bytes.ToArray().Select(value => value.ToString("b8", CultureInfo.InvariantCulture)));
        var digits = new StringBuilder();
        for (int at = 0; digits.Length < 3;)
        {
            bool isShort = bits.AsSpan(at, 3) is "000";
            int length = isShort ? 5 : 6;
            int code = Convert.ToInt32(bits.Substring(at, length), 2);
            digits.Append((char)('0' + (isShort ? code : code - 0b011001 + 3)));
            at += length;
        }

        return digits.ToString();
    }
}
