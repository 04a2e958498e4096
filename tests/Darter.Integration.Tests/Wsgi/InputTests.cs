using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Darter.Integration.Tests.Wsgi;

/// <summary>wsgi.input reads as a file does, whether the body has a length or is chunked.</summary>
public class InputTests(ServerPool pool) : ServerTest(pool)
{
    private static readonly (string Body, string Operations)[] Sequences =
    [
        ("", "read"),
        ("", "read:10,readline,readlines,iterate,next,read:0"),
        ("abc", "read"),
        ("abc", "read,read,read:1,readline,readlines,iterate"),
        ("abc", "read:-1,read"),
        ("abc", "read:None,read"),
        ("abc", "read:0,read:1,read:0,read:5,read:5"),
        ("a\nb\nc", "readline,readline,readline,readline"),
        ("a\nb\nc\n", "readlines,readline"),
        ("a\nb\nc\n", "iterate,read"),
        ("a\nb\nc\n", "next,next,read"),
        ("a\nb\nc\n", "readline,iterate"),
        ("a\r\nb\r\n\r\nc", "readline,readline,readline,readline"),
        ("\n\n\n", "readline,readlines"),
        ("one long line without an end", "readline:5,readline:0,readline:100,readline"),
        ("one\ntwo\nthree", "readline:2,readline:2,readline:2,readline:-1,readline"),
        ("one\ntwo\nthree\nfour", "readlines:0,readlines"),
        ("one\ntwo\nthree\nfour", "readlines:-1,readlines"),
        ("one\ntwo\nthree", "readline:None,readlines:None"),
        ("one\ntwo\nthree", "read:2,readline,read:3,iterate"),
        ("\0\u00ff\n\0", "readline,read"),
    ];

    // Bodies beyond the size of any one buffer, with seeds for the operations.
    private static readonly int[] Seeds = [.. Enumerable.Range(1, 12)];

    public enum Coding
    {
        Length,
        Chunked,
    }

    public static TheoryData<string> Pythons => Rows.OfPythons;

    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    public static MatrixTheoryData<string, HttpProtocol> PythonsAndProtocols => Rows.OfPythonsAndProtocols;

    public static MatrixTheoryData<string, Coding> PythonsAndCodings => new(Rows.Pythons, [Coding.Length, Coding.Chunked]);

    public static MatrixTheoryData<string, Coding, int> PythonsCodingsAndSequences =>
        new(Rows.Pythons, [Coding.Length, Coding.Chunked], Enumerable.Range(0, Sequences.Length));

    public static MatrixTheoryData<string, HttpProtocol, Coding, int> PythonsProtocolsCodingsAndSeeds =>
        new(Rows.Pythons, Rows.Protocols, [Coding.Length, Coding.Chunked], Seeds);

    [Theory]
    [MemberData(nameof(PythonsCodingsAndSequences))]
    public async Task Operations_InAnyOrder_ReadAsAFileDoes(string python, Coding coding, int row)
    {
        (string body, string operations) = Sequences[row];
        DarterServer server = await ShareCoreAsync(python);
        byte[] bytes = Encoding.Latin1.GetBytes(body);
        string head = $"POST /operations?ops={operations} HTTP/1.1\r\nHost: h\r\nX-Behaviour: input\r\nX-Expected: {Convert.ToBase64String(bytes)}\r\n";
        RawResponse response = await RawConnection.ExchangeAsync(server.Address, head + Encode(body, coding));
        Assert.Equal(200, response.Status);
        AssertSame(response.Json);
    }

    [Theory]
    [MemberData(nameof(PythonsProtocolsCodingsAndSeeds))]
    public async Task Operations_OnALargeBody_ReadAsAFileDoes(string python, HttpProtocol protocol, Coding coding, int seed)
    {
        DarterServer server = await ShareCoreAsync(python);
        var random = new Random(seed);
        byte[] block = RandomLines(random, random.Next(1, 3000));
        int repeat = random.Next(1, 200);
        string operations = string.Join(',', Enumerable.Range(0, 12).Select(_ => RandomOperation(random)).Append("read"));

        using var client = new CoreClient(server, protocol, "input");
        client.Headers.Add("X-Expected", Convert.ToBase64String(block));
        client.Headers.Add("X-Repeat", $"{repeat}");
        byte[] body = [.. Enumerable.Repeat(block, repeat).SelectMany(bytes => bytes)];
        using HttpResponseMessage response = await client.SendAsync(HttpMethod.Post, $"/operations?ops={operations}", Content(body, coding));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        AssertSame(JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation)).RootElement);
    }

    [Theory]
    [MemberData(nameof(PythonsAndProtocols))]
    public async Task Upload_LargerThanEveryBuffer_ArrivesWhole(string python, HttpProtocol protocol)
    {
        DarterServer server = await ShareCoreAsync(python);
        int size = python == PythonInterpreters.Default.Name ? 50_000_000 : 5_000_000;
        foreach (Coding coding in (Coding[])[Coding.Length, Coding.Chunked])
        {
            byte[] body = new byte[size];
            new Random(7).NextBytes(body);
            using var client = new CoreClient(server, protocol, "input");
            using HttpResponseMessage response = await client.SendAsync(HttpMethod.Post, "/hash", Content(body, coding));
            JsonElement hash = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation)).RootElement;
            Assert.Equal(size, hash.GetProperty("length").GetInt32());
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(body)), hash.GetProperty("sha256").GetString());
        }
    }

    [Theory]
    [MemberData(nameof(PythonsAndCodings))]
    public async Task Upload_SplitAtEveryByte_ArrivesWhole(string python, Coding coding)
    {
        DarterServer server = await ShareCoreAsync(python);
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        foreach (char character in $"POST /echo HTTP/1.1\r\nHost: h\r\nX-Behaviour: input\r\n{Encode("slowly, but whole", coding)}")
        {
            await connection.WriteAsync($"{character}");
        }

        Assert.Equal("slowly, but whole", (await connection.ReadResponseAsync()).Text);
    }

    [Theory]
    [MemberData(nameof(PythonsAndProtocols))]
    public async Task Upload_ThatIsNotRead_LeavesTheConnectionUsable(string python, HttpProtocol protocol)
    {
        DarterServer server = await ShareCoreAsync(python);
        using var client = new CoreClient(server, protocol, "input");
        foreach (string target in (string[])["/ignore", "/partial"])
        {
            foreach (Coding coding in (Coding[])[Coding.Length, Coding.Chunked])
            {
                foreach (int size in (int[])[10, 10_000, 100_000])
                {
                    using HttpResponseMessage response = await client.SendAsync(HttpMethod.Post, target, Content(new byte[size], coding));
                    byte[] answer = await response.Content.ReadAsByteArrayAsync(Cancellation);
                    Assert.Equal(target == "/partial" ? new byte[10] : "ignored"u8.ToArray(), answer);
                }
            }
        }

        Assert.Equal("ignored", await client.GetTextAsync("/ignore"));
    }

    [Theory]
    [MemberData(nameof(PythonsAndCodings))]
    public async Task Upload_ThatIsNotRead_IsNotTakenForTheNextRequest(string python, Coding coding)
    {
        DarterServer server = await ShareCoreAsync(python);
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        const string Inner = "GET /echo HTTP/1.1\r\nHost: inner\r\nX-Behaviour: input\r\n\r\n";
        await connection.WriteAsync($"POST /ignore HTTP/1.1\r\nHost: h\r\nX-Behaviour: input\r\n{Encode(Inner, coding)}");
        await connection.WriteAsync($"POST /echo HTTP/1.1\r\nHost: h\r\nX-Behaviour: input\r\n{Encode("mine", Coding.Length)}");
        Assert.Equal("ignored", (await connection.ReadResponseAsync()).Text);
        Assert.Equal("mine", (await connection.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task Upload_AnsweredWhileTheRestIsAwaited_LeavesTheConnectionUsable()
    {
        // More than the front collects first, so that it waits for the rest when the answer comes.
        const int Sent = 1_150_000;
        const int Size = 1_500_000;
        DarterServer server = await StartAsync(new DarterServerOptions { Target = App("core") });
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync($"POST /partial?bytes={Sent} HTTP/1.1\r\nHost: h\r\nX-Behaviour: input\r\nContent-Length: {Size}\r\n\r\n");
        await connection.WriteAsync(new string('x', Sent));
        Assert.Equal(Sent, (await connection.ReadResponseAsync("POST")).Text.Length);

        await connection.WriteAsync(new string('y', Size - Sent));
        await connection.WriteAsync($"POST /echo HTTP/1.1\r\nHost: h\r\nX-Behaviour: input\r\n{Encode("mine", Coding.Length)}");
        Assert.Equal("mine", (await connection.ReadResponseAsync("POST")).Text);
        Assert.DoesNotContain("[ERROR]", server.Describe(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Pythons))]
    public async Task Read_OfTheFirstBytes_DoesNotWaitForTheRestOfALongBody(string python)
    {
        Gate gate = OpenGate();
        DarterServer server = await ShareCoreAsync(python);
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);

        // More than the front holds back waiting for the rest; the application starts to read before all has come.
        const int Size = 4_000_000;
        string body = "0123456789" + new string('x', Size - 20) + "9876543210";
        await connection.WriteAsync($"POST /gated?port={gate.Port} HTTP/1.1\r\nHost: h\r\nX-Behaviour: input\r\nContent-Length: {Size}\r\n\r\n");
        await connection.WriteAsync(body[..(Size / 2)]);
        Assert.Equal("0123456789", (await gate.ReachedAsync("first")).Text);
        await connection.WriteAsync(body[(Size / 2)..]);
        Assert.True((await connection.ReadResponseAsync()).Text == body, "The body came back changed.");
    }

    [Theory]
    [MemberData(nameof(PythonsAndCodings))]
    public async Task Upload_BrokenOff_DoesNotReachTheApplicationAsWhole(string python, Coding coding)
    {
        DarterServer server = await ShareCoreAsync(python);
        string whole = Encode(new string('x', 1000), coding);
        await using (RawConnection connection = await RawConnection.OpenAsync(server.Address))
        {
            await connection.WriteAsync($"POST /echo HTTP/1.1\r\nHost: h\r\nX-Behaviour: input\r\n{whole[..(whole.Length / 2)]}");
            connection.ShutdownSend();
            string answer = Encoding.Latin1.GetString(await connection.ReadToEndAsync());
            Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 4", StringComparison.Ordinal), answer);
        }

        RawResponse response = await RawConnection.ExchangeAsync(
            server.Address, $"POST /echo HTTP/1.1\r\nHost: h\r\nX-Behaviour: input\r\n{Encode("after", coding)}");
        Assert.Equal("after", response.Text);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Upload_BrokenOffWhileItIsRead_FreesTheThreadAndTheServer(HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        DarterServer server = await StartAsync(new DarterServerOptions { Target = App("core"), Arguments = ["--graceful-timeout", "300"] });
        using (var client = new CoreClient(server, protocol, "input"))
        {
            // The application reads the beginning, then waits for the rest.
            using var leave = new CancellationTokenSource();
            Task upload = client.PostUntilAsync($"/gated?port={gate.Port}", new UnfinishedContent(1_500_000, 4_000_000), leave.Token);
            await gate.ReachedAsync("first");
            await leave.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => upload);
        }

        using (var client = new CoreClient(server, protocol, "input"))
        {
            Assert.Equal("ignored", await client.GetTextAsync("/ignore"));
        }

        Assert.Equal(0, await server.StopAsync());
        Assert.DoesNotContain("   at ", server.Log.Text, StringComparison.Ordinal);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static void AssertSame(JsonElement results) =>
        Assert.Equal(results[1].EnumerateArray().Select(item => item.ToString()), results[0].EnumerateArray().Select(item => item.ToString()));

    // The rest of a head and the body behind it.
    private static string Encode(string body, Coding coding)
    {
        if (coding == Coding.Length)
        {
            return $"Content-Length: {body.Length}\r\n\r\n{body}";
        }

        var text = new StringBuilder("Transfer-Encoding: chunked\r\n\r\n");
        for (int offset = 0, size = 1; offset < body.Length; offset += size, size = Math.Min(size * 2, 1000))
        {
            size = Math.Min(size, body.Length - offset);
            text.Append($"{size:x}\r\n{body.AsSpan(offset, size)}\r\n");
        }

        return text.Append("0\r\n\r\n").ToString();
    }

    private static HttpContent Content(byte[] body, Coding coding) =>
        coding == Coding.Length ? new ByteArrayContent(body) : new StreamContent(new UnseekableStream(body));

    private static byte[] RandomLines(Random random, int length)
    {
        var body = new byte[length];
        random.NextBytes(body);
        int lineLength = random.Next(2, 4000);
        for (int i = 0; i < length; i++)
        {
            if (random.Next(lineLength) == 0)
            {
                body[i] = (byte)'\n';
            }
        }

        return body;
    }

    private static string RandomOperation(Random random) => random.Next(5) switch
    {
        0 => $"read:{random.Next(0, 200_000)}",
        1 => "readline",
        2 => $"readline:{random.Next(0, 3000)}",
        3 => "next",
        _ => $"read:{random.Next(0, 10)}",
    };

    /// <summary>Hides its length, so that the client cannot declare it.</summary>
    private sealed class UnseekableStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }

    /// <summary>Declares a length, sends less, and waits until the request is cancelled.</summary>
    private sealed class UnfinishedContent(int sent, int declared) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync(new byte[sent], cancellationToken);
            await stream.FlushAsync(cancellationToken);
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = declared;
            return true;
        }
    }
}
