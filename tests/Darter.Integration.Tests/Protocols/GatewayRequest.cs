using System.Buffers.Binary;
using System.Text;

namespace Darter.Integration.Tests.Protocols;

/// <summary>Requests of the gateway protocols, and parts of them, as characters U+0000 to U+00FF.</summary>
/// <param name="Target">Path and query.</param>
/// <param name="Length">Of the body, which is not part of it.</param>
/// <param name="Fields">More header fields, as names of variables and values.</param>
internal sealed record GatewayRequest(string Target, int Length = 0, params (string Name, string Value)[] Fields)
{
    /// <summary>Where each protocol is spoken, in the order of <see cref="Head"/>.</summary>
    internal static readonly string[] Binds = ["uwsgi://127.0.0.1:0", "fastcgi://127.0.0.1:0", "scgi://127.0.0.1:0"];

    /// <summary>Everything before the body, in the protocol of this bind.</summary>
    internal string Head(int bind) => bind == 0 ? Uwsgi() : bind == 1 ? FastCgi() : Scgi();

    /// <summary>The request: the head, and a body of so many x.</summary>
    internal string Whole(int bind) => bind == 1
        ? Head(bind) + (Length > 0 ? Record(5, new string('x', Length)) : "") + Record(5, "")
        : Head(bind) + new string('x', Length);

    /// <summary>The head and the first byte of a body.</summary>
    internal string Begun(int bind) => Head(bind) + (bind == 1 ? Record(5, "x") : "x");

    /// <summary>A record of FastCGI, of the request 1.</summary>
    internal static string Record(byte type, string content) =>
        $"\u0001{(char)type}\0\u0001{(char)(content.Length >> 8)}{(char)(content.Length & 255)}\0\0{content}";

    private string[] Variables =>
    [
        "CONTENT_LENGTH", $"{Length}", "SCGI", "1", "REQUEST_METHOD", Length > 0 ? "POST" : "GET", "REQUEST_URI", Target, "SERVER_PROTOCOL", "HTTP/1.1",
        "REMOTE_ADDR", "203.0.113.9", .. Fields.SelectMany(pair => (string[])[pair.Name, pair.Value]),
    ];

    private string Uwsgi()
    {
        string block = string.Concat(Variables.Select(text => ShortOf(text.Length) + text));
        return $"\0{ShortOf(block.Length)}\0{block}";
    }

    private string Scgi()
    {
        string block = string.Join('\0', Variables) + '\0';
        return $"{block.Length}:{block},";
    }

    private string FastCgi()
    {
        string pairs = string.Concat(Variables.Chunk(2).Select(pair => LengthOf(pair[0]) + LengthOf(pair[1]) + pair[0] + pair[1]));
        return Record(1, "\0\u0001\0\0\0\0\0\0") + Record(4, pairs) + Record(4, "");
    }

    private static string LengthOf(string text)
    {
        if (text.Length <= 127)
        {
            return $"{(char)text.Length}";
        }

        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)text.Length | 0x80000000);
        return Encoding.Latin1.GetString(bytes);
    }

    private static string ShortOf(int length)
    {
        byte[] bytes = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)length);
        return Encoding.Latin1.GetString(bytes);
    }
}
