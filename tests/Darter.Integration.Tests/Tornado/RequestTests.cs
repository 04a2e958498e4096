using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Darter.Integration.Tests.Tornado;

/// <summary>Request handlers of Tornado in all their forms.</summary>
public class RequestTests(ServerPool pool) : TornadoTest(pool)
{
    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Handler_Answers(HttpProtocol protocol)
    {
        using HttpClient client = Client(await ShareAsync("requests"), protocol);
        using HttpResponseMessage response = await client.GetAsync("/hello", Cancellation);
        Assert.Equal(("hello", 5), (await response.Content.ReadAsStringAsync(Cancellation), response.Content.Headers.ContentLength));
        Assert.StartsWith("TornadoServer/", response.Headers.Server.ToString(), StringComparison.Ordinal);
        Assert.Equal("from a thread", await client.GetStringAsync("/later", Cancellation));
        Assert.Equal(404, (int)(await client.GetAsync("/nowhere", Cancellation)).StatusCode);
    }

    [Fact]
    public async Task Request_IsWhatTheClientSent()
    {
        DarterServer server = await ShareAsync("requests");
        JsonElement request = (await AskAsync(server, "/request%20a/%C3%A4?x=1&y", "X-Twice: 1\r\nX-Twice: 2\r\n")).Json;
        Assert.Equal("GET /request%20a/%C3%A4?x=1&y HTTP/1.1 http h 127.0.0.1 127.0.0.1", string.Join(
            ' ', ((string[])["method", "uri", "version", "protocol", "host", "remote_ip", "context"]).Select(name => request.GetProperty(name).GetString())));
        Assert.Equal(["1", "2"], request.GetProperty("fields").EnumerateArray().Where(field => field[0].GetString() == "X-Twice").Select(field => field[1].GetString()));
        Assert.False(request.GetProperty("late").GetBoolean());

        JsonElement proxied = (await AskAsync(server, "/request", "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\n")).Json;
        Assert.Equal(("203.0.113.9", "https"), (proxied.GetProperty("remote_ip").GetString(), proxied.GetProperty("protocol").GetString()));
    }

    [Fact]
    public async Task Head_HasNoBody()
    {
        RawResponse head = await RawConnection.ExchangeAsync((await ShareAsync("requests")).Address, "HEAD /hello HTTP/1.1\r\nHost: h\r\n\r\n", "HEAD");
        Assert.Equal((200, "5"), (head.Status, head["Content-Length"]));
    }

    [Fact]
    public async Task Etag_IsCompared()
    {
        DarterServer server = await ShareAsync("requests");
        string tag = (await AskAsync(server, "/hello"))["Etag"]!;
        RawResponse same = await AskAsync(server, "/hello", $"If-None-Match: {tag}\r\n");
        Assert.Equal((304, ""), (same.Status, same.Text));
    }

    [Fact]
    public async Task Redirect_IsSent()
    {
        RawResponse response = await AskAsync(await ShareAsync("requests"), "/redirect");
        Assert.Equal((301, "/hello"), (response.Status, response["Location"]));
    }

    [Fact]
    public async Task Reason_OfItsOwn_IsSent()
    {
        RawResponse response = await AskAsync(await ShareAsync("requests"), "/reason?status=299&reason=Nearly+Fine");
        Assert.Equal((299, "Nearly Fine"), (response.Status, response.Reason));
    }

    [Fact]
    public async Task Connection_ThatIsNotToBeKept_IsClosed()
    {
        RawResponse response = await AskAsync(await ShareAsync("requests"), "/last");
        Assert.Equal(("the last one", true), (response.Text, response.IsLast));
    }

    [Fact]
    public async Task Compression_IsTornados()
    {
        RawResponse response = await AskAsync(await ShareAsync("requests"), "/text", "Accept-Encoding: gzip\r\n");
        Assert.Equal("gzip", response["Content-Encoding"]);
        using var text = new StreamReader(new GZipStream(new MemoryStream(response.Body), CompressionMode.Decompress));
        Assert.Equal(string.Concat(Enumerable.Repeat("text ", 1000)), await text.ReadToEndAsync(Cancellation));
    }

    [Fact]
    public async Task SecureCookie_ComesBack()
    {
        DarterServer server = await ShareAsync("requests");
        RawResponse set = await RawConnection.ExchangeAsync(server.Address, "POST /cookie?user=ann HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
        string cookie = set["Set-Cookie"]!.Split(';')[0];
        Assert.Equal("ann", (await AskAsync(server, "/cookie", $"Cookie: {cookie}\r\n")).Text);
        Assert.Equal("nobody", (await AskAsync(server, "/cookie", $"Cookie: {cookie}x\r\n")).Text);
    }

    [Fact]
    public async Task Form_WithoutItsToken_IsRefused()
    {
        DarterServer server = await ShareAsync("requests:guarded");
        RawResponse page = await AskAsync(server, "/token");
        string cookie = page["Set-Cookie"]!.Split(';')[0];
        Assert.Equal(403, (await PostAsync(server, "/token", "a=1", $"Cookie: {cookie}\r\n")).Status);
        Assert.Equal("accepted", (await PostAsync(server, "/token", $"_xsrf={Uri.EscapeDataString(page.Text)}", $"Cookie: {cookie}\r\n")).Text);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Form_WithFiles_IsParsed(HttpProtocol protocol)
    {
        using HttpClient client = Client(await ShareAsync("requests"), protocol);
        using var form = new MultipartFormDataContent
        {
            { new StringContent("gr\u00fc\u00dfe"), "a" },
            { new ByteArrayContent(new byte[3_000_000]), "file", "big.bin" },
        };
        using HttpResponseMessage response = await client.PostAsync("/form?q=1", form, Cancellation);
        JsonElement seen = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation)).RootElement;
        Assert.Equal(("gr\u00fc\u00dfe", "1"), (seen.GetProperty("a")[0].GetString(), seen.GetProperty("q")[0].GetString()));
        Assert.Equal(("big.bin", 3_000_000), (seen.GetProperty("files").GetProperty("file")[0][0].GetString(), seen.GetProperty("files").GetProperty("file")[0][1].GetInt32()));
    }

    [Theory]
    [InlineData("bytes=2-4", 206, "234", "bytes 2-4/10")]
    [InlineData("bytes=-3", 206, "789", "bytes 7-9/10")]
    [InlineData("bytes=20-", 416, "", "bytes */10")]
    public async Task StaticFile_IsServedInRanges(string range, int status, string content, string expected)
    {
        RawResponse response = await AskAsync(await ShareAsync("requests"), "/files/digits.txt", $"Range: {range}\r\n");
        Assert.Equal((status, content, expected), (response.Status, response.Text, response["Content-Range"]));
    }

    [Theory]
    [InlineData("requests", "/wsgi")]
    [InlineData("requests:container", "/")]
    public async Task WsgiContainer_IsServed(string target, string path)
    {
        DarterServer server = await ShareAsync(target);
        Assert.Equal("WSGI GET ", (await AskAsync(server, path)).Text);
        Assert.Equal("WSGI POST a=1", (await PostAsync(server, path, "a=1")).Text);
    }

    [Theory]
    [InlineData("requests:raw", "/", "raw")]
    [InlineData("requests:router", "/raw", "raw")]
    [InlineData("requests:router", "/hello", "hello")]
    [InlineData("requests:make_app()", "/hello", "hello")]
    public async Task Delegate_OfAnyKind_IsServed(string target, string path, string expected) =>
        Assert.Equal(expected, (await AskAsync(await ShareAsync(target), path)).Text);

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Server_ThatDecompresses_DoesSo(HttpProtocol protocol)
    {
        DarterServer server = await ShareAsync("requests:server");
        using HttpClient client = Client(server, protocol);
        byte[] body = [.. Enumerable.Range(0, 100_000).Select(number => (byte)(number * number >> 3))];
        (int status, string text) = await UploadAsync(client, Compress(body));
        Assert.Equal((200, $"{body.Length} {Convert.ToHexStringLower(SHA256.HashData(body))}"), (status, text));
        Assert.Equal(400, (await UploadAsync(client, Compress([.. body, 0]))).Status);
        Assert.Equal(400, (await UploadAsync(client, Compress(body)[..^1])).Status);
        await server.Log.WaitForAsync("xheaders and trusted_downstream (--forwarded-allow-ips)");
    }

    [Fact]
    public async Task Detach_IsRefused()
    {
        DarterServer server = await ShareAsync("requests");
        int mark = server.Log.Count;
        Assert.Equal(501, (await AskAsync(server, "/detached")).Status);
        await server.Log.WaitForAsync("the socket belongs to the front", mark);
    }

    [Fact]
    public async Task Exception_IsTornadosError()
    {
        DarterServer server = await ShareAsync("requests");
        int mark = server.Log.Count;
        RawResponse response = await AskAsync(server, "/failing");
        Assert.Equal(500, response.Status);
        Assert.Contains("<title>500: Internal Server Error</title>", response.Text, StringComparison.Ordinal);
        await server.Log.WaitForAsync("ValueError: it is meant to fail", mark);
    }

    [Theory]
    [InlineData("/failing_late")]
    [InlineData("/short")]
    public async Task Response_ThatIsTooShort_IsNoWholeOne(string target)
    {
        DarterServer server = await ShareAsync("requests");
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync(Get(target));
        string received = Encoding.ASCII.GetString(await connection.ReadToEndAsync());
        Assert.True(
            received.StartsWith("HTTP/1.1 500 ", StringComparison.Ordinal) || !received.Contains("\r\n\r\n" + new string('x', 100), StringComparison.Ordinal), received);
        Assert.Equal("hello", (await AskAsync(server, "/hello")).Text);
    }

    private static byte[] Compress(byte[] body)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(body);
        }

        return packed.ToArray();
    }

    private static async Task<(int Status, string Text)> UploadAsync(HttpClient client, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentEncoding.Add("gzip");
        using HttpResponseMessage response = await client.PostAsync("/upload?most=100000", content, Cancellation);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation));
    }

    private static Task<RawResponse> PostAsync(DarterServer server, string target, string body, string fields = "") => RawConnection.ExchangeAsync(
        server.Address,
        $"POST {target} HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {body.Length}\r\n{fields}\r\n{body}");
}
