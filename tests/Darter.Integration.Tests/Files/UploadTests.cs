using System.Globalization;
using System.Net;
using System.Text;

namespace Darter.Integration.Tests.Files;

/// <summary><c>--upload</c>.</summary>
public sealed class UploadTests(ServerPool pool) : FilesTest(pool)
{
    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Put_OfAFile_StoresItOnce(HttpProtocol protocol)
    {
        byte[] bytes = new byte[3_000_000];
        new Random(3).NextBytes(bytes);
        Directory.CreateDirectory(Path.Combine(Folder, "sub"));
        DarterServer server = await ServeAsync("--upload");
        using HttpClient client = ServerClient.Create(server.Address, protocol);

        using HttpResponseMessage created = await client.PutAsync(new Uri("/sub/new%20file.bin", UriKind.Relative), new ByteArrayContent(bytes), Cancellation);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal("/sub/new%20file.bin", created.Headers.Location!.OriginalString);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(Path.Combine(Folder, "sub/new file.bin"), Cancellation));
        Assert.Equal(bytes, await client.GetByteArrayAsync(created.Headers.Location, Cancellation));

        using HttpResponseMessage again = await client.PutAsync(new Uri("/sub/new%20file.bin", UriKind.Relative), new StringContent("other"), Cancellation);
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(Path.Combine(Folder, "sub/new file.bin"), Cancellation));
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("POST")]
    public async Task Upload_WithoutTheOption_Is405(string method)
    {
        DarterServer server = await ServeAsync();
        Assert.Equal(405, (await GetAsync(server, "/a.txt", "Content-Length: 0\r\n", method)).Status);
        Assert.Empty(Directory.GetFileSystemEntries(Folder));
    }

    [Theory]
    [InlineData("/../out.txt", 404)]
    [InlineData("/%2e%2e/out.txt", 404)]
    [InlineData("/..%2fout.txt", 404)]
    [InlineData("/out/x.txt", 404)]
    [InlineData("/missing/x.txt", 404)]
    [InlineData("/.hidden", 404)]
    [InlineData("/a%00b", 400)]
    [InlineData("/", 405)]
    [InlineData("/sub/", 405)]
    [InlineData("/sub", 409)]
    public async Task Put_ToWhereNothingMayBe_IsRefused(string target, int status)
    {
        Directory.CreateDirectory(Path.Combine(Folder, "sub"));
        File.CreateSymbolicLink(Path.Combine(Folder, "out"), "..");
        string[] before = Directory.GetFileSystemEntries(Path.GetDirectoryName(Folder)!, "*", SearchOption.AllDirectories);
        DarterServer server = await ServeAsync("--upload");
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync($"PUT {target} HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
        Assert.Equal(status, (await connection.ReadResponseAsync()).Status);
        Assert.Equal(before, Directory.GetFileSystemEntries(Path.GetDirectoryName(Folder)!, "*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("Content-Length: 101\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n65\r\n")]
    public async Task Put_OfMoreThanTheLimit_Is413AndLeavesNothing(string head)
    {
        DarterServer server = await ServeAsync("--upload", "--upload-limit", "100");
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.TryWriteAsync($"PUT /a.txt HTTP/1.1\r\nHost: a\r\n{head}{new string('x', 101)}");
        Assert.Equal(413, (await connection.ReadResponseAsync()).Status);
        Assert.Empty(Directory.GetFileSystemEntries(Folder));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Upload_CutInTheMiddle_LeavesNothing(bool reset)
    {
        DarterServer server = await ServeAsync("--upload");
        await using (RawConnection connection = await RawConnection.OpenAsync(server.Address))
        {
            await connection.WriteAsync("PUT /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
            await connection.WriteAsync(new string('x', 500_000));
            if (reset)
            {
                connection.Abort();
            }
        }

        await Wait.Until(() => server.Output.Text.Contains("\"PUT /a.txt", StringComparison.Ordinal), "the end of the request");
        Assert.Empty(Directory.GetFileSystemEntries(Folder));
        Assert.DoesNotContain("[ERROR]", server.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upload_WhoseServerIsKilled_LeavesNothing()
    {
        DarterServer server = await ServeAsync("--upload");
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync("PUT /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n");

        // The body is asked for when the file is about to be written.
        Assert.Equal(100, (await connection.ReadHeadAsync()).Status);
        await connection.WriteAsync(new string('x', 300_000));
        server.Send(Testing.Processes.Signal.Kill);
        await server.WaitForExitAsync();
        Assert.Empty(Directory.GetFileSystemEntries(Folder));
    }

    [Fact]
    public async Task Form_OfSeveralFiles_StoresThemAndLeadsBack()
    {
        DarterServer server = await ServeAsync("--upload");
        using HttpClient client = ServerClient.Create(server.Address, HttpProtocol.Http1);
        using var form = new MultipartFormDataContent();
        form.Add(new StringContent("one"), "file", "one.txt");
        form.Add(new StringContent("two"), "file", "C:\\Documents\\two.txt");
        form.Add(new StringContent("a field that is no file"), "comment");
        using HttpResponseMessage response = await client.PostAsync(new Uri("/", UriKind.Relative), form, Cancellation);
        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        Assert.Equal("/", response.Headers.Location!.OriginalString);
        Assert.Equal("one", await File.ReadAllTextAsync(Path.Combine(Folder, "one.txt"), Cancellation));
        Assert.Equal("two", await File.ReadAllTextAsync(Path.Combine(Folder, "two.txt"), Cancellation));

        using var second = new MultipartFormDataContent { { new StringContent("changed"), "file", "one.txt" }, { new StringContent("three"), "file", "three.txt" } };
        using HttpResponseMessage conflict = await client.PostAsync(new Uri("/", UriKind.Relative), second, Cancellation);
        Assert.Equal(HttpStatusCode.Conflict, conflict.StatusCode);
        Assert.Contains("one.txt", await conflict.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal("one", await File.ReadAllTextAsync(Path.Combine(Folder, "one.txt"), Cancellation));
        Assert.True(File.Exists(Path.Combine(Folder, "three.txt")));
    }

    [Theory]
    [InlineData("../out.txt", "out.txt")]
    [InlineData("..\\\\..\\\\out.txt", "out.txt")]
    [InlineData("/etc/passwd", "passwd")]
    [InlineData("..", null)]
    [InlineData(".bashrc", null)]
    [InlineData("a/", null)]
    public async Task Form_WithAPathForAName_StaysInTheFolder(string name, string? stored)
    {
        DarterServer server = await ServeAsync("--upload");
        RawResponse response = await PostFormAsync(server, name, "x", "");
        Assert.Equal(stored is null ? 400 : 303, response.Status);
        Assert.Equal(stored is null ? [] : [stored], Directory.GetFileSystemEntries(Folder).Select(Path.GetFileName));
        Assert.Single(Directory.GetFileSystemEntries(Path.GetDirectoryName(Folder)!));
    }

    [Fact]
    public async Task Form_CutInTheMiddle_LeavesNothing()
    {
        DarterServer server = await ServeAsync("--upload");
        string part = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nbeginning";
        RawResponse response = await RawConnection.ExchangeAsync(
            server.Address,
            $"POST / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: {part.Length}\r\n\r\n{part}",
            "POST");
        Assert.Equal(400, response.Status);
        Assert.Empty(Directory.GetFileSystemEntries(Folder));
    }

    [Theory]
    [InlineData("Origin: http://evil.example\r\n", 403)]
    [InlineData("Origin: null\r\n", 403)]
    [InlineData("Sec-Fetch-Site: cross-site\r\n", 403)]
    [InlineData("Origin: http://a\r\nSec-Fetch-Site: same-origin\r\n", 303)]
    public async Task Form_OfAPageOfAnotherSite_IsRefused(string fields, int status)
    {
        DarterServer server = await ServeAsync("--upload");
        Assert.Equal(status, (await PostFormAsync(server, "a.txt", "x", fields)).Status);
        Assert.Equal(status == 303, File.Exists(Path.Combine(Folder, "a.txt")));
    }

    private static Task<RawResponse> PostFormAsync(DarterServer server, string name, string text, string fields)
    {
        string body = $"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{text}\r\n--b--\r\n";
        string length = Encoding.Latin1.GetByteCount(body).ToString(CultureInfo.InvariantCulture);
        return RawConnection.ExchangeAsync(
            server.Address, $"POST / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: {length}\r\n{fields}\r\n{body}", "POST");
    }
}
