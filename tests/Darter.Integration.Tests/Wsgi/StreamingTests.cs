using System.Text;

namespace Darter.Integration.Tests.Wsgi;

/// <summary>Each piece of a response reaches the client before the application has to produce the next.</summary>
public class StreamingTests(ServerPool pool) : ServerTest(pool)
{
    private const int Count = 5;

    private static readonly string[] Targets = ["/generator?count=5", "/generator?count=5&length=40", "/write?count=5", "/write?count=5&length=40"];

    public static MatrixTheoryData<string, HttpProtocol, string> PythonsProtocolsAndTargets => new(Rows.Pythons, Rows.Protocols, Targets);

    [Theory]
    [MemberData(nameof(PythonsProtocolsAndTargets))]
    public async Task Pieces_OfAResponse_ArriveOneByOne(string python, HttpProtocol protocol, string target)
    {
        Gate gate = OpenGate();
        using var client = new CoreClient(await ShareCoreAsync(python), protocol, "streaming");
        using HttpResponseMessage response = await client.GetAsync($"{target}&port={gate.Port}");
        Stream body = await response.Content.ReadAsStreamAsync(Cancellation);
        for (int number = 0; number < Count; number++)
        {
            var piece = new byte[8];
            await body.ReadExactlyAsync(piece, Cancellation);
            Assert.Equal($"piece {number}\n", Encoding.ASCII.GetString(piece));
            Gate.Arrival sent = await gate.ReachedAsync("sent");
            Assert.Equal($"{number}", sent.Text);
            sent.Release();
        }

        Assert.Equal(0, await body.ReadAsync(new byte[1], Cancellation));
    }

    [Fact]
    public async Task Pieces_OfAChunkedResponse_AreChunks()
    {
        Gate gate = OpenGate();
        await using RawConnection connection = await RawConnection.OpenAsync((await ShareCoreAsync()).Address);
        await connection.WriteAsync($"GET /generator?count=3&port={gate.Port} HTTP/1.1\r\nHost: h\r\nX-Behaviour: streaming\r\n\r\n");
        Assert.Equal("chunked", (await connection.ReadHeadAsync())["Transfer-Encoding"]);
        for (int number = 0; number < 3; number++)
        {
            Assert.Equal($"piece {number}\n", Encoding.ASCII.GetString(await connection.ReadChunkAsync()));
            (await gate.ReachedAsync("sent")).Release();
        }

        Assert.Empty(await connection.ReadChunkAsync());
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;
}
