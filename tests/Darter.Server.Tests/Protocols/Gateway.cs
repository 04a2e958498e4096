using System.Buffers.Binary;
using System.Text;
using CsCheck;

namespace Darter.Server.Tests.Protocols;

/// <summary>Requests as web servers send them.</summary>
internal static class Gateway
{
    /// <summary>The variables of a request with a body of this length.</summary>
    public static (string Name, string Value)[] Variables(int length, string method = "POST", string target = "/a%20b?c=d") =>
    [
        ("CONTENT_LENGTH", $"{length}"), ("SCGI", "1"), ("REQUEST_METHOD", method), ("REQUEST_URI", target),
        ("SERVER_PROTOCOL", "HTTP/1.1"), ("HTTP_HOST", "example.org"), ("REMOTE_ADDR", "203.0.113.9"), ("REMOTE_PORT", "4711"),
    ];

    /// <summary>Texts without NULs.</summary>
    public static readonly Gen<string> Text = Gen.OneOf(Gen.String[Gen.Char[' ', '~'], 0, 20], Gen.String[Gen.Char['\u0001', '\u00ff'], 0, 200]);

    /// <summary>Names that variables may have.</summary>
    public static readonly Gen<string> Name = Gen.OneOf(
        Gen.OneOf<string>("REQUEST_METHOD", "REQUEST_URI", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "CONTENT_LENGTH", "REMOTE_ADDR", "REMOTE_PORT", "HTTPS", "HTTP_HOST", "SERVER_PORT", "SERVER_NAME"),
        Gen.String[Gen.OneOf(Gen.Char['A', 'Z'], Gen.Const('_')), 1, 30],
        Text);

    /// <summary>Any variables.</summary>
    public static readonly Gen<(string Name, string Value)[]> Any = Gen.Select(Name, Text).Array[0, 12];

    /// <summary>A head of the uwsgi protocol.</summary>
    public static byte[] Uwsgi(IEnumerable<(string Name, string Value)> variables, byte modifier1 = 0, byte modifier2 = 0)
    {
        List<byte> block = [];
        Span<byte> length = stackalloc byte[2];
        foreach ((string name, string value) in variables)
        {
            foreach (string text in (string[])[name, value])
            {
                BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)text.Length);
                block.AddRange([.. length, .. Encoding.Latin1.GetBytes(text)]);
            }
        }

        BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)block.Count);
        return [modifier1, .. length, modifier2, .. block];
    }

    /// <summary>A head of SCGI.</summary>
    public static byte[] Scgi(IEnumerable<(string Name, string Value)> variables)
    {
        string block = string.Concat(variables.Select(variable => $"{variable.Name}\0{variable.Value}\0"));
        return Encoding.Latin1.GetBytes($"{block.Length}:{block},");
    }

    /// <summary>A record of FastCGI.</summary>
    public static byte[] Record(byte type, ushort id, ReadOnlySpan<byte> content = default, byte padding = 0) =>
    [
        1, type, (byte)(id >> 8), (byte)id, (byte)(content.Length >> 8), (byte)content.Length, padding, 0, .. content, .. new byte[padding],
    ];

    /// <summary>FCGI_BEGIN_REQUEST.</summary>
    public static byte[] Begin(ushort id, bool keeps, byte role = 1) => Record(1, id, [0, role, keeps ? (byte)1 : (byte)0, 0, 0, 0, 0, 0]);

    /// <summary>The names and values of FCGI_PARAMS.</summary>
    public static byte[] Pairs(IEnumerable<(string Name, string Value)> variables) =>
        [.. variables.SelectMany(variable => (byte[])[.. Length(variable.Name), .. Length(variable.Value), .. Encoding.Latin1.GetBytes(variable.Name + variable.Value)])];

    /// <summary>A whole request of FastCGI.</summary>
    public static byte[] FastCgi(ushort id, bool keeps, IEnumerable<(string Name, string Value)> variables, ReadOnlySpan<byte> body, byte padding = 0)
    {
        List<byte> request = [.. Begin(id, keeps), .. Record(4, id, Pairs(variables), padding), .. Record(4, id)];
        while (!body.IsEmpty)
        {
            ReadOnlySpan<byte> part = body[..Math.Min(body.Length, 60_000)];
            request.AddRange(Record(5, id, part, padding));
            body = body[part.Length..];
        }

        return [.. request, .. Record(5, id)];
    }

    private static byte[] Length(string text) =>
        text.Length <= 127 ? [(byte)text.Length] : [(byte)((text.Length >> 24) | 0x80), (byte)(text.Length >> 16), (byte)(text.Length >> 8), (byte)text.Length];
}
