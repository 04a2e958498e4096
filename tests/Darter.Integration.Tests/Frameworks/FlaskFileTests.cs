using System.Net;
using System.Net.Http.Headers;

namespace Darter.Integration.Tests.Frameworks;

/// <summary>Files that Flask sends: whole, in ranges, or not at all since the client has them.</summary>
public class FlaskFileTests(ServerPool pool) : FlaskTest(pool)
{
    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task SendFile_OfADisk_SendsItsBytes(string application, HttpProtocol protocol)
    {
        (string path, byte[] bytes) = await CreateFileAsync();
        using HttpClient client = await ClientAsync(application, protocol);
        using HttpResponseMessage response = await client.GetAsync($"/file?path={path}", Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(bytes.Length, response.Content.Headers.ContentLength);
        Assert.Equal("attachment", response.Content.Headers.ContentDisposition?.DispositionType);
        Assert.Equal(bytes, await response.Content.ReadAsByteArrayAsync(Cancellation));

        using HttpRequestMessage request = client.CreateRequest(HttpMethod.Head, $"/file?path={path}");
        using HttpResponseMessage head = await client.SendAsync(request, Cancellation);
        Assert.Equal(bytes.Length, head.Content.Headers.ContentLength);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task SendFile_OfMemory_SendsItsBytes(string application, HttpProtocol protocol)
    {
        using HttpClient client = await ClientAsync(application, protocol);
        Assert.Equal(string.Concat(Enumerable.Repeat("0123456789", 1000)), await client.GetStringAsync("/memory-file", Cancellation));
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task SendFile_OfARange_SendsThatPart(string application, HttpProtocol protocol)
    {
        (string path, byte[] bytes) = await CreateFileAsync();
        using HttpClient client = await ClientAsync(application, protocol);
        foreach ((long? from, long? to, Range part) in ((long?, long?, Range)[])
            [(0, 0, 0..1), (1000, 1999, 1000..2000), (bytes.Length - 5, null, ^5..), (null, 7, ^7..), (0, bytes.Length * 2L, 0..)])
        {
            using HttpResponseMessage response = await GetRangeAsync(client, path, new RangeHeaderValue(from, to));
            (int offset, int length) = part.GetOffsetAndLength(bytes.Length);
            Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
            Assert.Equal($"bytes {offset}-{offset + length - 1}/{bytes.Length}", response.Content.Headers.ContentRange?.ToString());
            Assert.Equal(length, response.Content.Headers.ContentLength);
            Assert.Equal(bytes[part], await response.Content.ReadAsByteArrayAsync(Cancellation));
        }

        using HttpResponseMessage beyond = await GetRangeAsync(client, path, new RangeHeaderValue(bytes.Length, null));
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, beyond.StatusCode);
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task StaticFile_ThatTheClientHas_IsNotModified(string application, HttpProtocol protocol)
    {
        byte[] bytes = await File.ReadAllBytesAsync(Path.Combine(RepositoryPaths.WsgiApp("flask"), "static", "file.txt"), Cancellation);
        using HttpClient client = await ClientAsync(application, protocol);
        using HttpResponseMessage first = await client.GetAsync("/static/file.txt", Cancellation);
        Assert.Equal(bytes, await first.Content.ReadAsByteArrayAsync(Cancellation));
        Assert.Equal("text/plain", first.Content.Headers.ContentType?.MediaType);

        using HttpRequestMessage request = client.CreateRequest(HttpMethod.Get, "/static/file.txt");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using HttpResponseMessage second = await client.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Equal(first.Headers.ETag, second.Headers.ETag);
        Assert.Empty(await second.Content.ReadAsByteArrayAsync(Cancellation));

        using HttpResponseMessage missing = await client.GetAsync("/static/missing.txt", Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        using HttpResponseMessage outside = await client.GetAsync("/static/..%2Fapp.py", Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, outside.StatusCode);
    }

    private static async Task<HttpResponseMessage> GetRangeAsync(HttpClient client, string path, RangeHeaderValue range)
    {
        using HttpRequestMessage request = client.CreateRequest(HttpMethod.Get, $"/file?path={path}");
        request.Headers.Range = range;
        return await client.SendAsync(request, Cancellation);
    }

    private async Task<(string Path, byte[] Bytes)> CreateFileAsync()
    {
        var bytes = new byte[1_500_000];
        new Random(15).NextBytes(bytes);
        string path = Path.Combine(TemporaryFolder(), "file.bin");
        await File.WriteAllBytesAsync(path, bytes, Cancellation);
        return (path, bytes);
    }
}
