using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Darter.Testing.Http;

/// <summary>Reads responses of HTTP/1.x and tolerates nothing that RFC 9112 forbids a server to send.</summary>
/// <param name="receive">Receives bytes from the connection; 0 at its end.</param>
internal sealed partial class ResponseReader(Func<Memory<byte>, Task<int>> receive)
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    public async Task<RawResponse> ReadAsync(string method)
    {
        var interim = new List<RawResponse>();
        RawResponse head = await ReadHeadAsync();
        while (head.Status is >= 100 and < 200)
        {
            interim.Add(head);
            head = await ReadHeadAsync();
        }

        head = head with { Interim = interim };
        string? length = head["content-length"];
        string? coding = head["transfer-encoding"];
        Require(length is null || coding is null, "both Content-Length and Transfer-Encoding");
        if (method == "HEAD" || head.Status is 204 or 304)
        {
            Require(head.Status != 204 || (length is null && coding is null), "a 204 with Content-Length or Transfer-Encoding");
            return head with { Framing = HttpFraming.None };
        }

        if (coding is not null)
        {
            Require(coding == "chunked" && head.MinorVersion == 1, $"Transfer-Encoding: {coding} in HTTP/1.{head.MinorVersion}");
            var chunks = new List<byte[]>();
            while (await ReadChunkAsync() is { Length: > 0 } chunk)
            {
                chunks.Add(chunk);
            }

            return head with { Framing = HttpFraming.Chunked, Chunks = chunks, Body = [.. chunks.SelectMany(chunk => chunk)] };
        }

        if (length is not null)
        {
            Require(Digits().IsMatch(length), $"Content-Length: {length}");
            return head with { Framing = HttpFraming.Length, Body = await ReadBytesAsync(int.Parse(length, CultureInfo.InvariantCulture)) };
        }

        Require(head.IsLast || head.MinorVersion == 0, "a body that ends with the connection, but no Connection: close");
        return head with { Framing = HttpFraming.Close, Body = await ReadToEndAsync() };
    }

    public async Task<RawResponse> ReadHeadAsync()
    {
        string line = await ReadLineAsync();
        Match status = StatusLine().Match(line);
        Require(status.Success, $"the status line \"{line}\"");
        var fields = new List<HttpField>();
        while (await ReadLineAsync() is { Length: > 0 } text)
        {
            Match field = FieldLine().Match(text);
            Require(field.Success, $"the field \"{text}\"");
            fields.Add(new HttpField(field.Groups[1].Value, field.Groups[2].Value.Trim(' ', '\t')));
        }

        foreach (string single in (string[])["content-length", "transfer-encoding", "date", "server"])
        {
            Require(fields.Count(field => field.Is(single)) <= 1, $"{single} twice");
        }

        return new RawResponse
        {
            MinorVersion = status.Groups[1].Value[0] - '0',
            Status = int.Parse(status.Groups[2].Value, CultureInfo.InvariantCulture),
            Reason = status.Groups[3].Value,
            Fields = fields,
        };
    }

    public async Task<byte[]> ReadChunkAsync()
    {
        string line = await ReadLineAsync();
        Require(ChunkSize().IsMatch(line), $"the chunk size \"{line}\"");
        byte[] chunk = await ReadBytesAsync(int.Parse(line, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
        Require((await ReadLineAsync()).Length == 0, "no end of line behind a chunk");
        return chunk;
    }

    public async Task<byte[]> ReadBytesAsync(int count)
    {
        var bytes = new byte[count];
        int read = Math.Min(count, _end - _start);
        _buffer.AsSpan(_start, read).CopyTo(bytes);
        _start += read;
        while (read < count)
        {
            int received = await receive(bytes.AsMemory(read));
            Require(received > 0, $"the end of the connection after {read} of {count} bytes of the body");
            read += received;
        }

        return bytes;
    }

    public async Task<byte[]> ReadToEndAsync()
    {
        while (await FillAsync())
        {
        }

        byte[] bytes = _buffer[_start.._end];
        _start = _end;
        return bytes;
    }

    // A line without its CRLF.
    private async Task<string> ReadLineAsync()
    {
        int scanned = 0;
        while (true)
        {
            int index = _buffer.AsSpan(_start + scanned, _end - _start - scanned).IndexOf((byte)'\n');
            if (index >= 0)
            {
                int length = scanned + index;
                Require(length > 0 && _buffer[_start + length - 1] == '\r', "a line that ends with a bare LF");
                string line = Encoding.Latin1.GetString(_buffer, _start, length - 1);
                Require(!line.Contains('\r') && !line.Contains('\0'), "a bare CR or a NUL in a line");
                _start += length + 1;
                return line;
            }

            scanned = _end - _start;
            if (!await FillAsync())
            {
                throw new EndOfStreamException(
                    $"The server closed the connection. Before it had sent: \"{Encoding.Latin1.GetString(_buffer, _start, _end - _start)}\"");
            }
        }
    }

    private async Task<bool> FillAsync()
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        int received = await receive(_buffer.AsMemory(_end));
        _end += received;
        return received > 0;
    }

    private static void Require(bool condition, string what)
    {
        if (!condition)
        {
            throw new InvalidDataException($"The server sent {what}.");
        }
    }

    [GeneratedRegex(@"\AHTTP/1\.([01]) ([1-9][0-9][0-9]) ([\t\x20-\x7e\x80-\xff]*)\z")]
    private static partial Regex StatusLine();

    [GeneratedRegex(@"\A([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([\t\x20-\x7e\x80-\xff]*)\z")]
    private static partial Regex FieldLine();

    [GeneratedRegex(@"\A[0-9A-Fa-f]{1,8}\z")]
    private static partial Regex ChunkSize();

    [GeneratedRegex(@"\A[0-9]+\z")]
    private static partial Regex Digits();
}
