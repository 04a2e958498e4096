using Darter.Server.Configuration;
using Darter.Testing.Http;
using Darter.Wire;

namespace Darter.Server.Tests.Applications;

/// <summary>X-Sendfile and X-Accel-Redirect.</summary>
public sealed class NamedFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("darter-test-").FullName;

    private string Root => Directory.CreateDirectory(Path.Combine(_folder, "media")).FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Sendfile_OfAFile_SendsItWithTheApplicationsFields()
    {
        string path = Write("report.pdf", "the report");
        await using FrontHarness front = await StartAsync();

        RawResponse response = await ExchangeAsync(
            front,
            "GET / HTTP/1.1",
            "nothing"u8,
            ("X-Sendfile", path),
            ("content-type", "application/x-report"),
            ("content-disposition", "attachment; filename=r.pdf"),
            ("set-cookie", "a=1"),
            ("set-cookie", "b=2"),
            ("cache-control", "private"),
            ("etag", "\"of-the-empty-body\""),
            ("last-modified", "Thu, 01 Jan 1970 00:00:00 GMT"));

        Assert.Equal((200, "the report"), (response.Status, response.Text));
        Assert.Equal("10", response["Content-Length"]);
        Assert.Equal("application/x-report", response["Content-Type"]);
        Assert.Equal("attachment; filename=r.pdf", response["Content-Disposition"]);
        Assert.Equal(["a=1", "b=2"], response.All("Set-Cookie"));
        Assert.Equal("private", response["Cache-Control"]);
        Assert.Equal("bytes", response["Accept-Ranges"]);
        Assert.NotEqual("\"of-the-empty-body\"", response["ETag"]);
        Assert.Equal("Fri, 17 May 2024 10:30:00 GMT", response["Last-Modified"]);
        Assert.Null(response["X-Sendfile"]);
        Assert.Null(response["X-Content-Type-Options"]);
    }

    [Fact]
    public async Task Sendfile_WithoutAType_GetsThatOfTheName()
    {
        string path = Write("page.html", "<p>");
        await using FrontHarness front = await StartAsync();

        RawResponse response = await ExchangeAsync(front, "GET / HTTP/1.1", [], ("x-sendfile", path));

        Assert.Equal("text/html; charset=utf-8", response["Content-Type"]);
    }

    [Theory]
    [InlineData("Range: bytes=2-4\r\n", 206, "234")]
    [InlineData("Range: bytes=-2\r\n", 206, "89")]
    [InlineData("Range: bytes=20-\r\n", 416, "416 Range Not Satisfiable\n")]
    [InlineData("If-Modified-Since: Fri, 17 May 2024 10:30:00 GMT\r\n", 304, "")]
    [InlineData("If-Unmodified-Since: Fri, 17 May 2024 10:29:59 GMT\r\n", 412, "412 Precondition Failed\n")]
    [InlineData("If-Match: \"other\"\r\n", 412, "412 Precondition Failed\n")]
    public async Task Sendfile_WithConditionsAndRanges_IsAnsweredAsFilesAre(string fields, int status, string text)
    {
        string path = Write("digits", "0123456789");
        await using FrontHarness front = await StartAsync();

        RawResponse response = await ExchangeAsync(front, $"GET / HTTP/1.1\r\n{fields.TrimEnd()}", "body"u8, ("x-sendfile", path), ("content-type", "text/plain"));

        Assert.Equal((status, text), (response.Status, response.Text));
        Assert.Equal(status switch { 206 when text == "89" => "bytes 8-9/10", 206 => "bytes 2-4/10", 416 => "bytes */10", _ => null }, response["Content-Range"]);
    }

    [Fact]
    public async Task Sendfile_ThatTheClientHas_IsNotModified()
    {
        string path = Write("a.txt", "text");
        await using FrontHarness front = await StartAsync();
        RawResponse first = await ExchangeAsync(front, "GET / HTTP/1.1", [], ("x-sendfile", path));

        RawResponse second = await ExchangeAsync(front, $"GET / HTTP/1.1\r\nIf-None-Match: {first["ETag"]}", [], ("x-sendfile", path), ("set-cookie", "a=1"));

        Assert.Equal((304, "", first["ETag"], "a=1"), (second.Status, second.Text, second["ETag"], second["Set-Cookie"]));
    }

    [Fact]
    public async Task Sendfile_OfARangeThatTheApplicationHasLookedAt_IsSentOnce()
    {
        // Werkzeug answers 206 with the length of the part, and leaves it to the server to send it.
        string path = Write("digits", "0123456789");
        await using FrontHarness front = await StartAsync();

        RawResponse response = await ExchangeAsync(
            front, "GET / HTTP/1.1\r\nRange: bytes=2-4", [], 206, ("x-sendfile", path), ("content-range", "bytes 2-4/10"));

        Assert.Equal((206, "234", "bytes 2-4/10"), (response.Status, response.Text, response["Content-Range"]));
    }

    [Fact]
    public async Task Sendfile_ToHead_HasTheFieldsAlone()
    {
        string path = Write("digits", "0123456789");
        await using FrontHarness front = await StartAsync();

        RawResponse response = await ExchangeAsync(front, "HEAD / HTTP/1.1", [], ("x-sendfile", path));

        Assert.Equal((200, "10", ""), (response.Status, response["Content-Length"], response.Text));
    }

    [Theory]
    [InlineData("POST", 200)]
    [InlineData("GET", 403)]
    public async Task Sendfile_OfAnotherMethodOrStatus_IsSentWhole(string method, int status)
    {
        string path = Write("digits", "0123456789");
        await using FrontHarness front = await StartAsync();

        RawResponse response = await ExchangeAsync(front, $"{method} / HTTP/1.1\r\nRange: bytes=2-4\r\nIf-None-Match: *", [], status, ("x-sendfile", path));

        Assert.Equal((status, "0123456789"), (response.Status, response.Text));
    }

    [Fact]
    public async Task Sendfile_BodyOfTheApplication_IsDroppedAndTheConnectionGoesOn()
    {
        byte[] bytes = new byte[700_000];
        new Random(7).NextBytes(bytes);
        string path = Path.Combine(Root, "large.bin");
        File.WriteAllBytes(path, bytes);
        await using FrontHarness front = await StartAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
        (uint stream, _) = front.Worker.ReadRequest();
        front.Worker.Begin(stream, 200, -1, "dropped"u8, end: false, ("x-sendfile", path));
        int left = ChannelFormat.InitialResponseWindow - 7;

        // More than the worker may send without being granted more.
        for (int sent = 0; sent < 3 * ChannelFormat.InitialResponseWindow;)
        {
            if (left < 10_000)
            {
                left += BitConverter.ToInt32(front.Worker.Expect(FrameType.Window, stream));
                continue;
            }

            front.Worker.SendBody(stream, new byte[10_000]);
            sent += 10_000;
            left -= 10_000;
        }

        Assert.Equal(bytes, (await connection.ReadResponseAsync()).Body);
        front.Worker.End(stream);
        (uint second, string target) = front.Worker.ReadRequest();
        front.Worker.Respond(second, "next");
        Assert.Equal(("/2", "next"), (target, (await connection.ReadResponseAsync()).Text));
    }

    [Fact]
    public async Task Sendfile_ByAnEncodedPath_IsFoundUnlessOneIsCalledThat()
    {
        Write("a b.txt", "decoded");
        string literal = Write("100%25.txt", "as it is");
        await using FrontHarness front = await StartAsync();

        Assert.Equal("decoded", (await ExchangeAsync(front, "GET / HTTP/1.1", [], ("x-sendfile", $"{Root}/a%20b.txt"))).Text);
        Assert.Equal("decoded", (await ExchangeAsync(front, "GET / HTTP/1.1", [], ("x-sendfile", $"{Root}/a b.txt"))).Text);
        Assert.Equal("as it is", (await ExchangeAsync(front, "GET / HTTP/1.1", [], ("x-sendfile", literal))).Text);
    }

    [Fact]
    public async Task Sendfile_ByTheFoldersPathWithoutLinks_IsFound()
    {
        Write("a.txt", "found");
        string link = Path.Combine(_folder, "current");
        Directory.CreateSymbolicLink(link, Root);
        await using FrontHarness front = await StartAsync(config => config with { SendfileFolders = [link] });

        Assert.Equal("found", (await ExchangeAsync(front, "GET / HTTP/1.1", [], ("x-sendfile", $"{Root}/a.txt"))).Text);
        Assert.Equal("found", (await ExchangeAsync(front, "GET / HTTP/1.1", [], ("x-sendfile", $"{link}//./a.txt"))).Text);
    }

    [Theory]
    [InlineData("{outside}/secret")]
    [InlineData("{root}/../secret")]
    [InlineData("{root}/%2e%2e/secret")]
    [InlineData("{root}/link")]
    [InlineData("{root}")]
    [InlineData("{root}/")]
    [InlineData("{root}/sub")]
    [InlineData("{root}/missing")]
    [InlineData("{root}x/file")]
    [InlineData("secret")]
    [InlineData("file://{root}/a.txt")]
    public async Task Sendfile_OfWhatIsNoFileInTheFolder_Is404(string value)
    {
        Write("sub/a.txt", "a");
        Directory.CreateDirectory(Root + "x");
        File.WriteAllText(Root + "x/file", "secret");
        File.WriteAllText(Path.Combine(_folder, "secret"), "secret");
        File.CreateSymbolicLink(Path.Combine(Root, "link"), Path.Combine(_folder, "secret"));
        await using FrontHarness front = await StartAsync();

        RawResponse response = await ExchangeAsync(
            front,
            "GET / HTTP/1.1",
            [],
            ("x-sendfile", value.Replace("{root}", Root, StringComparison.Ordinal).Replace("{outside}", _folder, StringComparison.Ordinal)),
            ("content-disposition", "attachment"),
            ("set-cookie", "a=1"));

        Assert.Equal((404, "404 Not Found\n"), (response.Status, response.Text));
        Assert.Equal("a=1", response["Set-Cookie"]);
        Assert.Null(response["Content-Disposition"]);
        Assert.Null(response["X-Sendfile"]);
    }

    [Theory]
    [InlineData("/internal/a.txt", "a")]
    [InlineData("/internal/a.txt?token=1", "a")]
    [InlineData("/%69nternal/a%2Etxt", "a")]
    [InlineData("/internal/sp%20ace", "space")]
    [InlineData("/internal/sp ace", "space")]
    [InlineData("/internal/caf\u00c3\u00a9", "utf-8")]
    [InlineData("/internal/caf%C3%A9", "utf-8")]
    [InlineData("/internal/.hidden", "hidden")]
    [InlineData("/internal/deep/b.txt", "other folder")]
    [InlineData("/internal/../a.txt", null)]
    [InlineData("/internal/%2e%2e/secret", null)]
    [InlineData("/internal/sub%2fa.txt", null)]
    [InlineData("/internal/", null)]
    [InlineData("/internal", null)]
    [InlineData("/other/a.txt", null)]
    [InlineData("@named", null)]
    [InlineData("http://a/internal/a.txt", null)]
    public async Task Accel_OfAPath_SendsItsFile(string value, string? text)
    {
        Write("a.txt", "a");
        Write("sp ace", "space");
        Write("café", "utf-8");
        Write(".hidden", "hidden");
        Write("sub/a.txt", "a");
        Write("deep/b.txt", "wrong folder");
        string deep = Directory.CreateDirectory(Path.Combine(_folder, "deep")).FullName;
        File.WriteAllText(Path.Combine(deep, "b.txt"), "other folder");
        File.WriteAllText(Path.Combine(_folder, "secret"), "secret");
        await using FrontHarness front = await StartAsync(config => config with
        {
            SendfileFolders = [],
            AccelFolders = [new FolderConfig { Prefix = "/internal", Folder = Root }, new FolderConfig { Prefix = "/internal/deep", Folder = deep }],
        });

        RawResponse response = await ExchangeAsync(
            front, "GET / HTTP/1.1", "body"u8, ("X-Accel-Redirect", value), ("x-accel-buffering", "no"), ("x-accel-expires", "60"), ("x-other", "1"));

        Assert.Equal((text is null ? 404 : 200, text ?? "404 Not Found\n"), (response.Status, response.Text));
        Assert.Equal("1", response["X-Other"]);
        Assert.DoesNotContain(response.Fields, field => field.Name.StartsWith("x-accel", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Fields_OfAFeatureThatIsOff_ArePassedOn()
    {
        string path = Write("a.txt", "a");
        await using FrontHarness front = await StartAsync();

        RawResponse response = await ExchangeAsync(front, "GET / HTTP/1.1", "body"u8, ("x-accel-redirect", "/internal/a.txt"), ("x-accel-buffering", "no"));

        Assert.Equal(("body", "/internal/a.txt", "no"), (response.Text, response["X-Accel-Redirect"], response["X-Accel-Buffering"]));
        Assert.Equal("a", (await ExchangeAsync(front, "GET / HTTP/1.1", [], ("x-sendfile", path), ("x-accel-redirect", "/internal/b"))).Text);
    }

    [Theory]
    [InlineData(304)]
    [InlineData(204)]
    public async Task Field_OfAnAnswerWithoutABody_IsRemoved(int status)
    {
        string path = Write("a.txt", "a");
        await using FrontHarness front = await StartAsync();

        RawResponse response = await ExchangeAsync(front, "GET / HTTP/1.1", [], status, ("x-sendfile", path), ("etag", "\"own\""));

        Assert.Equal((status, "", "\"own\""), (response.Status, response.Text, response["ETag"]));
        Assert.Null(response["X-Sendfile"]);
    }

    [Fact]
    public async Task Path_OfTheUrl_ThatTheClientAsksFor_IsTheApplications()
    {
        Write("a.txt", "a");
        await using FrontHarness front = await StartAsync(config => config with
        {
            AccelFolders = [new FolderConfig { Prefix = "/internal", Folder = Root }],
        });

        RawResponse response = await ExchangeAsync(front, "GET /internal/a.txt HTTP/1.1", "not the file"u8);

        Assert.Equal("not the file", response.Text);
    }

    [Fact]
    public async Task Client_ThatLeavesInTheFile_EndsTheRequest()
    {
        string path = Path.Combine(Root, "huge.bin");
        using (FileStream file = File.Create(path))
        {
            file.SetLength(1L << 30);
        }

        await using FrontHarness front = await StartAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
        (uint stream, _) = front.Worker.ReadRequest();
        front.Worker.Begin(stream, 200, -1, [], end: false, ("x-sendfile", path));
        await connection.ReadBytesAsync(100_000);

        connection.Abort();

        Assert.Empty(front.Worker.Expect(FrameType.Cancel, stream));
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        File.SetLastWriteTimeUtc(path, new DateTime(2024, 5, 17, 10, 30, 0, DateTimeKind.Utc));
        return path;
    }

    private Task<FrontHarness> StartAsync(Func<ServerConfig, ServerConfig>? configure = null) =>
        FrontHarness.StartAsync(configure: configure ?? (config => config with { SendfileFolders = [Root] }));

    private static Task<RawResponse> ExchangeAsync(FrontHarness front, string request, ReadOnlySpan<byte> body, params (string Name, string Value)[] fields) =>
        AnswerAsync(front, request, body.ToArray(), 200, fields);

    private static Task<RawResponse> ExchangeAsync(
        FrontHarness front, string request, ReadOnlySpan<byte> body, int status, params (string Name, string Value)[] fields) =>
        AnswerAsync(front, request, body.ToArray(), status, fields);

    private static async Task<RawResponse> AnswerAsync(FrontHarness front, string request, byte[] body, int status, (string Name, string Value)[] fields)
    {
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync($"{request}\r\nHost: a\r\n\r\n");
        (uint stream, _) = front.Worker.ReadRequest();
        front.Worker.Answer(stream, status, body, fields);
        return await connection.ReadResponseAsync(request[..request.IndexOf(' ', StringComparison.Ordinal)]);
    }
}
