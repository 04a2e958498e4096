using System.IO.Compression;
using System.Net;
using System.Text;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Files;

/// <summary>What <c>darter files</c> sends.</summary>
public sealed class FileTests(ServerPool pool) : FilesTest(pool)
{
    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    [Theory]
    [InlineData("page.html", "text/html; charset=utf-8")]
    [InlineData("page.HTM", "text/html; charset=utf-8")]
    [InlineData("style.css", "text/css; charset=utf-8")]
    [InlineData("app.js", "text/javascript; charset=utf-8")]
    [InlineData("app.mjs", "text/javascript; charset=utf-8")]
    [InlineData("data.json", "application/json")]
    [InlineData("lib.wasm", "application/wasm")]
    [InlineData("site.webmanifest", "application/manifest+json")]
    [InlineData("photo.avif", "image/avif")]
    [InlineData("icon.svg", "image/svg+xml")]
    [InlineData("font.woff2", "font/woff2")]
    [InlineData("backup.tar.gz", "application/gzip")]
    [InlineData("README", "text/plain; charset=utf-8")]
    [InlineData("no-extension", "application/octet-stream")]
    [InlineData("unknown.qqq", "application/octet-stream")]
    public async Task Get_OfAFile_HasItsType(string name, string type)
    {
        Write(name, "content");
        DarterServer server = await ServeAsync();
        RawResponse response = await GetAsync(server, $"/{name}");
        Assert.Equal(200, response.Status);
        Assert.Equal(type, response["Content-Type"]);
        Assert.Equal("nosniff", response["X-Content-Type-Options"]);
        Assert.Equal("no-cache", response["Cache-Control"]);
        Assert.Equal("content", response.Text);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Get_OfALargeFile_HasEachByte(HttpProtocol protocol)
    {
        byte[] bytes = new byte[5_000_000];
        new Random(7).NextBytes(bytes);
        Write("large.bin", bytes);
        DarterServer server = await ServeAsync();
        using HttpClient client = ServerClient.Create(server.Address, protocol);
        Assert.Equal(bytes, await client.GetByteArrayAsync(new Uri("/large.bin", UriKind.Relative), TestContext.Current.CancellationToken));
        Assert.Equal(bytes, await client.GetByteArrayAsync(new Uri("/large.bin", UriKind.Relative), TestContext.Current.CancellationToken));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Get_OfAGigabyte_TakesNoMemory(HttpProtocol protocol)
    {
        const long Size = 1L << 30;
        using (FileStream file = File.Create(Path.Combine(Folder, "huge.bin")))
        {
            file.SetLength(Size);
        }

        DarterServer server = await ServeAsync();
        using HttpClient client = ServerClient.Create(server.Address, protocol);
        long before = PeakMemory(server.Pid);
        using HttpResponseMessage response = await client.GetAsync(
            new Uri("/huge.bin", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await using Stream body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        byte[] buffer = new byte[1 << 20];
        long length = 0;
        while (await Wait.For(body.ReadAsync(buffer, TestContext.Current.CancellationToken).AsTask(), "more of the file") is > 0 and var read)
        {
            length += read;
        }

        Assert.Equal(Size, length);
        Assert.InRange(PeakMemory(server.Pid) - before, 0, 100 << 20);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Head_OfAFile_HasTheFieldsOfGetAndNoBody(HttpProtocol protocol)
    {
        Write("a.txt", "0123456789");
        DarterServer server = await ServeAsync();
        using HttpClient client = ServerClient.Create(server.Address, protocol);
        using var request = new HttpRequestMessage(HttpMethod.Head, "/a.txt") { Version = client.DefaultRequestVersion, VersionPolicy = client.DefaultVersionPolicy };
        using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(10, response.Content.Headers.ContentLength);
        Assert.NotNull(response.Headers.ETag);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Get_OfAFolder_RedirectsThenServesItsIndex()
    {
        Write("sub/index.html", "index");
        Write("old/index.htm", "old");
        DarterServer server = await ServeAsync();
        RawResponse redirect = await GetAsync(server, "/sub?x=1");
        Assert.Equal(301, redirect.Status);
        Assert.Equal("/sub/?x=1", redirect["Location"]);
        Assert.Equal("index", (await GetAsync(server, "/sub/")).Text);
        Assert.Equal("old", (await GetAsync(server, "/old/")).Text);
    }

    [Fact]
    public async Task Get_OfAFolderWithoutIndex_WithNoListing_Is404()
    {
        Write("sub/a.txt", "a");
        DarterServer server = await ServeAsync("--no-listing");
        Assert.Equal(404, (await GetAsync(server, "/sub/")).Status);
        Assert.Equal(200, (await GetAsync(server, "/sub/a.txt")).Status);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("PATCH")]
    public async Task OtherMethod_OnAFile_Is405(string method)
    {
        Write("a.txt", "a");
        DarterServer server = await ServeAsync();
        RawResponse response = await GetAsync(server, "/a.txt", "Content-Length: 0\r\n", method);
        Assert.Equal(405, response.Status);
        Assert.Equal("GET, HEAD, OPTIONS", response["Allow"]);
    }

    [Fact]
    public async Task Spa_UnknownPaths_GetTheIndexUnlessTheyHaveAnExtension()
    {
        Write("index.html", "app");
        Write("real.txt", "real");
        DarterServer server = await ServeAsync("--spa");
        RawResponse response = await GetAsync(server, "/users/42");
        Assert.Equal(200, response.Status);
        Assert.Equal("app", response.Text);
        Assert.Equal("text/html; charset=utf-8", response["Content-Type"]);
        Assert.Equal("real", (await GetAsync(server, "/real.txt")).Text);
        Assert.Equal(404, (await GetAsync(server, "/missing.js")).Status);
        Assert.Equal(404, (await GetAsync(server, "/../users")).Status);
    }

    [Fact]
    public async Task CompressedSibling_IsServedToWhoeverTakesIt()
    {
        Write("app.js", "plain");
        Write("app.js.br", "brotli");
        Write("app.js.gz", "gzip");
        Write("old.js", "plain");
        Write("old.js.gz", "older than the file", daysOld: 30);
        DarterServer server = await ServeAsync();

        RawResponse response = await GetAsync(server, "/app.js", "Accept-Encoding: gzip, br\r\n");
        Assert.Equal(("brotli", "br"), (response.Text, response["Content-Encoding"]));
        Assert.Equal("Accept-Encoding", response["Vary"]);
        Assert.Equal("text/javascript; charset=utf-8", response["Content-Type"]);
        Assert.Equal("6", response["Content-Length"]);
        Assert.Equal(("gzip", "gzip"), await OfAsync("gzip"));
        Assert.Equal(("gzip", "gzip"), await OfAsync("br;q=0.5, gzip"));
        Assert.Equal(("plain", null), await OfAsync("gzip;q=0, br;q=0"));
        Assert.Equal(("plain", null), await OfAsync("identity"));
        Assert.Equal("plain", (await GetAsync(server, "/app.js")).Text);
        Assert.Equal("plain", (await GetAsync(server, "/old.js", "Accept-Encoding: gzip\r\n")).Text);

        async Task<(string, string?)> OfAsync(string accepted)
        {
            RawResponse got = await GetAsync(server, "/app.js", $"Accept-Encoding: {accepted}\r\n");
            return (got.Text, got["Content-Encoding"]);
        }
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Text_WithoutSibling_IsCompressedOnTheWay(string coding)
    {
        string text = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"line {i}\n"));
        Write("long.txt", text);
        Write("short.txt", "short");
        Write("long.bin", text);
        DarterServer server = await ServeAsync();

        RawResponse response = await GetAsync(server, "/long.txt", $"Accept-Encoding: {coding}\r\n");
        Assert.Equal(coding, response["Content-Encoding"]);
        Assert.StartsWith("W/", response["ETag"], StringComparison.Ordinal);
        Assert.True(response.Body.Length < text.Length / 3);
        await using Stream unpacked = coding == "br" ? new BrotliStream(new MemoryStream(response.Body), CompressionMode.Decompress) : new GZipStream(new MemoryStream(response.Body), CompressionMode.Decompress);
        using var reader = new StreamReader(unpacked, Encoding.UTF8);
        Assert.Equal(text, await reader.ReadToEndAsync(TestContext.Current.CancellationToken));

        RawResponse again = await GetAsync(server, "/long.txt", $"Accept-Encoding: {coding}\r\nIf-None-Match: {response["ETag"]}\r\n");
        Assert.Equal(304, again.Status);
        Assert.Null((await GetAsync(server, "/short.txt", $"Accept-Encoding: {coding}\r\n"))["Content-Encoding"]);
        Assert.Null((await GetAsync(server, "/long.bin", $"Accept-Encoding: {coding}\r\n"))["Content-Encoding"]);
        Assert.Equal(206, (await GetAsync(server, "/long.txt", $"Accept-Encoding: {coding}\r\nRange: bytes=0-9\r\n")).Status);
    }

    [Fact]
    public async Task Protocol10_EndsEachConnection()
    {
        Write("a.txt", "a");
        DarterServer server = await ServeAsync("--protocol", "HTTP/1.0");
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync("GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal("a", (await connection.ReadResponseAsync()).Text);
        Assert.True(await connection.IsClosedAsync());
    }

    [Fact]
    public async Task AccessLog_OfEachRequest_IsOnStandardOutput()
    {
        Write("a.txt", "hello");
        DarterServer server = await ServeAsync();
        await GetAsync(server, "/a.txt");
        await GetAsync(server, "/missing");
        Assert.Equal(0, await server.StopAsync());
        Assert.Contains("\"GET /a.txt HTTP/1.1\" 200 5", server.Output.Text, StringComparison.Ordinal);
        Assert.Contains("\"GET /missing HTTP/1.1\" 404", server.Output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnixSocket_HasTheModeOfItsAddress()
    {
        string socket = Path.Combine(Path.GetDirectoryName(Folder)!, "files.sock");
        DarterServer server = await StartAsync(new DarterServerOptions
        {
            Target = null,
            NoOptions = true,
            ProgramArguments = ["files", Folder, "--bind", $"unix:{socket}?mode=600"],
        });
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(socket));
        Assert.Equal(0, await server.StopAsync());
    }

    [Theory]
    [InlineData(Signal.Interrupt)]
    [InlineData(Signal.Terminate)]
    public async Task Signal_EndsItQuietly(Signal signal)
    {
        DarterServer server = await ServeAsync();
        int lines = server.Log.Count;
        server.Send(signal);
        Assert.Equal(0, await server.WaitForExitAsync());
        Assert.Equal(lines, server.Log.Count);
    }

    [Fact]
    public async Task File_ThatIsCutWhileItIsSent_BreaksTheResponseOff()
    {
        string path = Write("large.bin", new byte[20_000_000]);
        DarterServer server = await ServeAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address, receiveBuffer: 4096);
        await connection.WriteAsync("GET /large.bin HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal("20000000", (await connection.ReadHeadAsync())["Content-Length"]);
        File.WriteAllBytes(path, new byte[10]);
        Assert.True((await connection.ReadToEndAsync()).Length < 20_000_000);
        await Wait.Until(() => server.Log.Text.Contains("became shorter", StringComparison.Ordinal), "the log line");
    }

    /// <summary>The most memory that a process has had, in bytes.</summary>
    private static long PeakMemory(int pid) =>
        1024 * long.Parse(File.ReadLines($"/proc/{pid}/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("8000", "9000")]
    [InlineData("a", "b")]
    public async Task Arguments_ThatMakeNoSense_AreRefused(string one, string other)
    {
        CommandResult result = await Command.RunAsync(RepositoryPaths.Executable, ["files", one, other]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("write a folder and a port", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folder_ThatIsNotThere_IsReported()
    {
        CommandResult result = await Command.RunAsync(RepositoryPaths.Executable, ["files", "/no/such/folder"]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("'/no/such/folder' cannot be served", result.Errors, StringComparison.Ordinal);
    }
}
