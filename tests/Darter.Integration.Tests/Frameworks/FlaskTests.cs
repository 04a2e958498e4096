using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Darter.Integration.Tests.Frameworks;

/// <summary>A Flask application that knows nothing of its server.</summary>
public class FlaskTests(ServerPool pool) : ServerTest(pool)
{
    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Page_OfAnyKind_IsServed(HttpProtocol protocol)
    {
        using HttpClient client = await OpenAsync(protocol);
        Assert.Equal("index caf\u00e9", await client.GetStringAsync("/?q=caf%C3%A9", Cancellation));
        Assert.Equal("<title>caf\u00e9 &lt;x&gt;</title>", await client.GetStringAsync("/page/caf%C3%A9%20%3Cx%3E", Cancellation));
        Assert.Contains("teal", await client.GetStringAsync("/static/style.css", Cancellation), StringComparison.Ordinal);
        JsonElement environ = await client.GetFromJsonAsync<JsonElement>("/environ?x=1", Cancellation);
        Assert.Equal(new Uri(client.BaseAddress!, "/environ?x=1").ToString(), environ.GetProperty("url").GetString());
        Assert.Equal("127.0.0.1", environ.GetProperty("remote").GetString());
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Session_OverSeveralRequests_IsKept(HttpProtocol protocol)
    {
        using HttpClient client = await OpenAsync(protocol);
        using HttpResponseMessage login = await client.PostAsync("/login", new FormUrlEncodedContent([new("user", "andr\u00e9")]), Cancellation);
        Assert.Equal(HttpStatusCode.Found, login.StatusCode);
        Assert.EndsWith("/whoami", login.Headers.Location!.ToString(), StringComparison.Ordinal);
        client.DefaultRequestHeaders.Add("Cookie", CookieOf(login));
        Assert.Equal("andr\u00e9 welcome", await client.GetStringAsync("/whoami", Cancellation));

        for (int i = 1; i <= 3; i++)
        {
            using HttpResponseMessage counted = await client.GetAsync("/count", Cancellation);
            Assert.Equal($"{i}", await counted.Content.ReadAsStringAsync(Cancellation));
            client.DefaultRequestHeaders.Remove("Cookie");
            client.DefaultRequestHeaders.Add("Cookie", CookieOf(counted));
        }
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Upload_OfAFile_ArrivesWhole(HttpProtocol protocol)
    {
        using HttpClient client = await OpenAsync(protocol);
        foreach (int size in (int[])[0, 10, 3_000_000])
        {
            byte[] file = RandomNumberGenerator.GetBytes(size);
            using var form = new MultipartFormDataContent { { new StringContent("a field"), "field" }, { new ByteArrayContent(file), "file", "data.bin" } };
            using HttpResponseMessage response = await client.PostAsync("/upload", form, Cancellation);
            JsonElement answer = await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
            Assert.Equal((size, "data.bin", "a field"), (answer.GetProperty("size").GetInt32(), answer.GetProperty("name").GetString(), answer.GetProperty("field").GetString()));
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(file)), answer.GetProperty("sha256").GetString());
        }
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Json_BothWays_IsUnderstood(HttpProtocol protocol)
    {
        using HttpClient client = await OpenAsync(protocol);
        using HttpResponseMessage response = await client.PutAsJsonAsync("/json", new { text = "caf\u00e9", number = 5 }, Cancellation);
        JsonElement answer = await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal("PUT", answer.GetProperty("method").GetString());
        Assert.Equal("caf\u00e9", answer.GetProperty("received").GetProperty("text").GetString());
    }

    [Fact]
    public async Task Body_ThatIsChunked_ArrivesWhole()
    {
        RawResponse response = await RawConnection.ExchangeAsync(
            (await StartAsync()).Address, "POST /raw HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n");
        Assert.Equal("11", response.Text);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Stream_OfPieces_ArrivesOneByOne(HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        using HttpClient client = await OpenAsync(protocol);
        using Stream body = await client.GetStreamAsync($"/stream?port={gate.Port}", Cancellation);
        using var reader = new StreamReader(body);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal($"piece {i} of /stream", await reader.ReadLineAsync(Cancellation));
            (await gate.ReachedAsync("sent")).Release();
        }

        Assert.Null(await reader.ReadLineAsync(Cancellation));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Download_OfAFile_ArrivesWholeAndInRanges(HttpProtocol protocol)
    {
        byte[] bytes = RandomNumberGenerator.GetBytes(2_000_000);
        string path = Path.Combine(TemporaryFolder(), "file.bin");
        await File.WriteAllBytesAsync(path, bytes, Cancellation);
        using HttpClient client = await OpenAsync(protocol);
        using (HttpResponseMessage whole = await client.GetAsync($"/file?path={path}", Cancellation))
        {
            Assert.Equal(bytes.Length, whole.Content.Headers.ContentLength);
            Assert.Equal("attachment; filename=download.bin", whole.Content.Headers.NonValidated["Content-Disposition"].ToString());
            byte[] received = await whole.Content.ReadAsByteArrayAsync(Cancellation);
            Assert.True(bytes.AsSpan().SequenceEqual(received), "The file came changed.");
        }

        client.DefaultRequestHeaders.Add("Range", "bytes=1000-4999");
        using HttpResponseMessage part = await client.GetAsync($"/file?path={path}", Cancellation);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(bytes[1000..5000], await part.Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Theory]
    [InlineData("/nowhere", 404, "nothing at /nowhere")]
    [InlineData("/error", 500, "handled: raised by a view")]
    [InlineData("/forbidden", 403, "")]
    [InlineData("/login", 405, "")]
    public async Task Error_InAView_GoesToItsHandler(string target, int status, string body)
    {
        using HttpClient client = await OpenAsync(HttpProtocol.Http1);
        using HttpResponseMessage response = await client.GetAsync(target, Cancellation);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains(body, await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Head_OfAPage_HasItsLengthAndNoBody()
    {
        using HttpClient client = await OpenAsync(HttpProtocol.Http1);
        using HttpResponseMessage response = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/?q=123"), Cancellation);
        Assert.Equal("index 123".Length, response.Content.Headers.ContentLength);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string CookieOf(HttpResponseMessage response) =>
        Regex.Match(response.Headers.GetValues("Set-Cookie").Single(), "^[^;]+").Value;

    private async Task<HttpClient> OpenAsync(HttpProtocol protocol) => ServerClient.Create((await StartAsync()).Address, protocol);

    private Task<DarterServer> StartAsync()
    {
        PythonInterpreter python = Require.SystemPython("flask");
        return ShareAsync(new DarterServerOptions { Target = App("flask"), Python = python, Threads = 2 });
    }
}
