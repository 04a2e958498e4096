using System.Security.Cryptography;

namespace Darter.Integration.Tests.Wsgi;

/// <summary>wsgi.file_wrapper, with files whose bytes go past Python and with objects that only look like files.</summary>
public class FileWrapperTests(ServerPool pool) : ServerTest(pool)
{
    private const int Size = 3_000_017;

    // Query behind the path, first byte, number of bytes, and whether the server can know the length before.
    private static readonly (string Query, int Offset, int Length)[] Files =
    [
        ("", 0, Size),
        ("&block=100", 0, Size),
        ("&kind=unbuffered", 0, Size),
        ($"&length={Size}", 0, Size),
        ("&offset=1000", 1000, Size - 1000),
        ("&offset=1000&length=5000", 1000, 5000),
        ("&length=5000", 0, 5000),
        ("&length=0", 0, 0),
        ("&skip=10", 10, Size - 10),
        ("&skip=100000", 100_000, Size - 100_000),
        ($"&offset={Size}", Size, 0),
        ($"&offset={Size + 100}", Size, 0),
        ("&kind=bytes", 0, Size),
        ("&kind=bytes&offset=1000", 1000, Size - 1000),
        ("&kind=bytes&length=5000", 0, 5000),
        ("&kind=nameless", 0, Size),
        ("&kind=nameless&block=100000", 0, Size),
        ("&kind=iterated", 0, Size),
        ("&kind=iterated&offset=1000", 1000, Size - 1000),
    ];

    public static MatrixTheoryData<string, HttpProtocol> PythonsAndProtocols => Rows.OfPythonsAndProtocols;

    public static MatrixTheoryData<string, HttpProtocol, int> PythonsProtocolsAndFiles =>
        new(Rows.Pythons, Rows.Protocols, Enumerable.Range(0, Files.Length));

    [Theory]
    [MemberData(nameof(PythonsProtocolsAndFiles))]
    public async Task File_OfAnyKind_ArrivesWhole(string python, HttpProtocol protocol, int row)
    {
        (string query, int offset, int length) = Files[row];
        (string path, byte[] bytes) = CreateFile(Size);
        using var client = new CoreClient(await ShareCoreAsync(python), protocol, "files");
        for (int i = 0; i < 2; i++)
        {
            using HttpResponseMessage response = await client.GetAsync($"/?path={path}{query}");
            byte[] body = await response.Content.ReadAsByteArrayAsync(Cancellation);
            Assert.Equal(length, body.Length);
            Assert.Equal(SHA256.HashData(bytes.AsSpan(offset, length)), SHA256.HashData(body));
        }
    }

    [Theory]
    [MemberData(nameof(PythonsAndProtocols))]
    public async Task File_ShorterThanDeclared_IsBrokenOff(string python, HttpProtocol protocol)
    {
        (string path, _) = CreateFile(1000);
        using var client = new CoreClient(await ShareCoreAsync(python), protocol, "files");
        await Assert.ThrowsAnyAsync<HttpRequestException>(async () =>
        {
            using HttpResponseMessage response = await client.GetAsync($"/?path={path}&length=2000");
            await response.Content.ReadAsByteArrayAsync(Cancellation);
            response.EnsureSuccessStatusCode();
        });
        Assert.Equal(1000, (await client.GetTextAsync($"/?path={path}")).Length);
    }

    [Theory]
    [MemberData(nameof(PythonsAndProtocols))]
    public async Task File_Empty_IsAnEmptyBody(string python, HttpProtocol protocol)
    {
        (string path, _) = CreateFile(0);
        using var client = new CoreClient(await ShareCoreAsync(python), protocol, "files");
        using HttpResponseMessage response = await client.GetAsync($"/?path={path}");
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Theory]
    [MemberData(nameof(PythonsAndProtocols))]
    public async Task File_AskedForByHead_HasNoBodyAndIsClosed(string python, HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        (string path, _) = CreateFile(1000);
        using var client = new CoreClient(await ShareCoreAsync(python), protocol, "files");
        using HttpResponseMessage response = await client.SendAsync(HttpMethod.Head, $"/?path={path}&length=1000&port={gate.Port}");
        Assert.Equal(1000, response.Content.Headers.ContentLength);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Cancellation));
        await gate.ReachedAsync("closed");
    }

    [Theory]
    [MemberData(nameof(PythonsAndProtocols))]
    public async Task File_Sent_IsClosed(string python, HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        (string path, byte[] bytes) = CreateFile(100_000);
        using var client = new CoreClient(await ShareCoreAsync(python), protocol, "files");
        foreach (string kind in (string[])["file", "bytes", "iterated"])
        {
            using HttpResponseMessage response = await client.GetAsync($"/?path={path}&port={gate.Port}&kind={kind}");
            Assert.Equal(bytes, await response.Content.ReadAsByteArrayAsync(Cancellation));
            if (kind != "iterated")
            {
                await gate.ReachedAsync("closed");
            }
        }
    }

    [Theory]
    [MemberData(nameof(PythonsAndProtocols))]
    public async Task Files_SentAtTheSameTime_AreNotMixedUp(string python, HttpProtocol protocol)
    {
        (string Path, byte[] Bytes)[] files = [.. Enumerable.Range(1, 6).Select(number => CreateFile(number * 70_001))];
        using var client = new CoreClient(await ShareCoreAsync(python), protocol, "files");
        await Task.WhenAll(Enumerable.Range(0, 30).Select(async number =>
        {
            (string path, byte[] bytes) = files[number % files.Length];
            using HttpResponseMessage response = await client.GetAsync($"/?path={path}");
            Assert.Equal(SHA256.HashData(bytes), SHA256.HashData(await response.Content.ReadAsByteArrayAsync(Cancellation)));
        }));
    }

    [Fact]
    public async Task File_OfARegularKind_HasAContentLength()
    {
        (string path, _) = CreateFile(1234);
        RawResponse response = await RawConnection.ExchangeAsync(
            (await ShareCoreAsync()).Address, $"GET /?path={path}&offset=34 HTTP/1.1\r\nHost: h\r\nX-Behaviour: files\r\n\r\n");
        Assert.Equal("1200", response["Content-Length"]);
    }

    [Fact]
    public async Task File_ToAClientThatDoesNotRead_DoesNotHoldTheOnlyThread()
    {
        (string path, byte[] bytes) = CreateFile(20_000_000);
        DarterServer server = await ShareCoreAsync();
        await using RawConnection slow = await RawConnection.OpenAsync(server.Address, receiveBuffer: 4096);
        await slow.WriteAsync($"GET /?path={path} HTTP/1.1\r\nHost: h\r\nX-Behaviour: files\r\n\r\n");
        RawResponse head = await slow.ReadHeadAsync();
        Assert.Equal("20000000", head["Content-Length"]);

        for (int i = 0; i < 5; i++)
        {
            RawResponse other = await RawConnection.ExchangeAsync(server.Address, "GET /list HTTP/1.1\r\nHost: h\r\nX-Behaviour: responses\r\n\r\n");
            Assert.Equal("a list", other.Text);
        }

        Assert.Equal(SHA256.HashData(bytes), SHA256.HashData(await slow.ReadBytesAsync(bytes.Length)));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private (string Path, byte[] Bytes) CreateFile(int size)
    {
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        string path = Path.Combine(TemporaryFolder(), "file.bin");
        File.WriteAllBytes(path, bytes);
        return (path, bytes);
    }
}
