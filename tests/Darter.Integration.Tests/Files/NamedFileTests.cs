using System.Net;

namespace Darter.Integration.Tests.Files;

/// <summary><c>--x-sendfile</c>, <c>--x-accel</c> and <c>--compress</c>: answers of applications that the front completes.</summary>
public sealed class NamedFileTests(ServerPool pool) : FilesTest(pool)
{
    public static MatrixTheoryData<string, HttpProtocol> ApplicationsAndProtocols => new(["wsgi", "asgi"], Rows.Protocols);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task File_ThatTheApplicationNames_IsSent(string application, HttpProtocol protocol)
    {
        byte[] bytes = new byte[300_000];
        new Random(7).NextBytes(bytes);
        Write("a.bin", bytes);
        DarterServer server = await StartAsync(application, "--x-sendfile", Folder, $"--x-accel=/internal/={Folder}");
        using HttpClient client = ServerClient.Create(server.Address, protocol);
        foreach (string field in (string[])[$"X-Sendfile={Folder}/a.bin", "X-Accel-Redirect=/internal/a.bin"])
        {
            using HttpResponseMessage response = await client.GetAsync(new Uri($"/file?{field}", UriKind.Relative), Cancellation);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(bytes, await response.Content.ReadAsByteArrayAsync(Cancellation));
            Assert.Equal(bytes.Length, response.Content.Headers.ContentLength);
            Assert.Equal("text/plain", response.Content.Headers.ContentType?.ToString());
            Assert.Equal("a=1", response.Headers.GetValues("Set-Cookie").Single());
            Assert.DoesNotContain(response.Headers, header => header.Key.StartsWith("X-", StringComparison.OrdinalIgnoreCase));
        }

        using HttpResponseMessage missing = await client.GetAsync(new Uri("/file?X-Sendfile=/etc/passwd", UriKind.Relative), Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        await server.Log.WaitForAsync("answered 404, since the application's X-Sendfile names '/etc/passwd', which is not below the folders of --x-sendfile");
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task Page_WithCompress_IsCompressed(string application, HttpProtocol protocol)
    {
        DarterServer server = await StartAsync(application, "--compress", "--compress-codings", "gzip,br");
        using HttpClient client = ServerClient.Create(server.Address, protocol);
        string page = await client.GetStringAsync(new Uri("/page", UriKind.Relative), Cancellation);
        client.DefaultRequestHeaders.Add("Accept-Encoding", "br, gzip");

        using HttpResponseMessage response = await client.GetAsync(new Uri("/page", UriKind.Relative), Cancellation);
        byte[] body = await response.Content.ReadAsByteArrayAsync(Cancellation);
        using System.IO.Compression.GZipStream decoded = new(new MemoryStream(body), System.IO.Compression.CompressionMode.Decompress);
        using StreamReader reader = new(decoded);

        Assert.Equal("gzip", response.Content.Headers.ContentEncoding.Single());
        Assert.Equal("Accept-Encoding", response.Headers.Vary.Single());
        Assert.Equal("W/\"page\"", response.Headers.ETag?.ToString());
        Assert.InRange(body.Length, 1, page.Length / 3);
        Assert.Equal(page, await reader.ReadToEndAsync(Cancellation));
    }

    private Task<DarterServer> StartAsync(string application, params string[] arguments) => StartAsync(new DarterServerOptions
    {
        Target = application == "wsgi" ? App("named") : Path.Combine(RepositoryPaths.AsgiApp("named"), "app.py"),
        Arguments = arguments,
    });
}
