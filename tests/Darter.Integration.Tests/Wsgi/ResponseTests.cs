using System.Net;

namespace Darter.Integration.Tests.Wsgi;

/// <summary>Every kind of iterable and header that an application may answer with.</summary>
public class ResponseTests(ServerPool pool) : ServerTest(pool)
{
    private const string OneTwoThree = "onetwothree";

    // Target, status, body, and whether the length must have been computed (true), cannot be known (false) or either (null).
    private static readonly (string Target, int Status, string Body, bool? HasLength)[] Kinds =
    [
        ("/list", 200, "a list", true),
        ("/list-of-several", 200, OneTwoThree, null),
        ("/tuple", 200, OneTwoThree, null),
        ("/set", 200, "a set", null),
        ("/iterator", 200, OneTwoThree, null),
        ("/map", 200, OneTwoThree.ToUpperInvariant(), null),
        ("/generator", 200, OneTwoThree, null),
        ("/generator-with-empty-pieces", 200, OneTwoThree, null),
        ("/getitem", 200, OneTwoThree, null),
        ("/lazy", 200, OneTwoThree, null),
        ("/lazy-single", 200, OneTwoThree, null),
        ("/bytes-subclass", 200, OneTwoThree, true),
        ("/empty-list", 200, "", null),
        ("/empty-bytes", 200, "", true),
        ("/empty-generator", 200, "", null),
        ("/exact", 200, OneTwoThree, true),
        ("/exact-generator", 200, OneTwoThree, true),
        ("/too-long", 200, "onetwo", true),
        ("/too-long-single", 200, "onetwo", true),
        ("/too-long-generator", 200, "onetwo", true),
        ("/zero-length", 200, "", true),
        ("/teapot", 418, "short and stout", true),
        ("/own-reason", 200, "fine", true),
        ("/unusual-status", 799, "beyond", true),
        ("/no-reason", 200, "no reason", true),
        ("/no-headers", 200, "x", true),
        ("/redirect", 302, "", true),
        ("/write", 200, OneTwoThree, null),
        ("/write-and-return", 200, OneTwoThree, null),
        ("/write-with-length", 200, OneTwoThree, true),
        ("/start-in-generator", 200, OneTwoThree, null),
        ("/start-twice-in-generator", 203, OneTwoThree, null),
        ("/early-hints", 200, OneTwoThree, true),
        ("/many-headers", 200, "x", true),
        ("/long-header", 200, "x", true),
        ("/hop-by-hop", 200, "hop", true),
    ];

    private static readonly string[] Bodiless =
    [
        "/no-content", "/no-content-with-body", "/no-content-generator", "/not-modified", "/not-modified-with-body", "/not-modified-with-length",
    ];

    public static MatrixTheoryData<string, HttpProtocol> PythonsAndProtocols => Rows.OfPythonsAndProtocols;

    public static TheoryData<string> Pythons => Rows.OfPythons;

    public static MatrixTheoryData<string, HttpProtocol, int> PythonsProtocolsAndKinds =>
        new(Rows.Pythons, Rows.Protocols, Enumerable.Range(0, Kinds.Length));

    public static MatrixTheoryData<string, HttpProtocol, string> PythonsProtocolsAndBodiless => new(Rows.Pythons, Rows.Protocols, Bodiless);

    [Theory]
    [MemberData(nameof(PythonsProtocolsAndKinds))]
    public async Task Response_OfAnyKind_ArrivesWhole(string python, HttpProtocol protocol, int row)
    {
        (string target, int status, string body, bool? hasLength) = Kinds[row];
        using var client = new CoreClient(await ShareCoreAsync(python), protocol, "responses");

        // Twice, as the second one may take another path: on a connection that is open, with caches that are filled.
        for (int i = 0; i < 2; i++)
        {
            using HttpResponseMessage response = await client.GetAsync(target);
            Assert.Equal(status, (int)response.StatusCode);
            Assert.Equal(body, await response.Content.ReadAsStringAsync(Cancellation));
            if (hasLength is not null)
            {
                Assert.Equal(hasLength.Value ? body.Length : null, response.Content.Headers.ContentLength);
            }
        }
    }

    [Theory]
    [MemberData(nameof(PythonsProtocolsAndKinds))]
    public async Task Response_ToHead_HasTheSameHeadAndNoBody(string python, HttpProtocol protocol, int row)
    {
        (string target, int status, string body, bool? hasLength) = Kinds[row];
        using var client = new CoreClient(await ShareCoreAsync(python), protocol, "responses");
        using HttpResponseMessage response = await client.SendAsync(HttpMethod.Head, target);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Cancellation));
        if (target is "/exact" or "/exact-generator" or "/write-with-length")
        {
            Assert.Equal(body.Length, response.Content.Headers.ContentLength);
        }

        Assert.True(hasLength is not false || response.Content.Headers.ContentLength is null);
        Assert.Equal("a list", await client.GetTextAsync("/list"));
    }

    [Theory]
    [MemberData(nameof(PythonsProtocolsAndBodiless))]
    public async Task Response_ThatHasNoBody_HasNone(string python, HttpProtocol protocol, string target)
    {
        using var client = new CoreClient(await ShareCoreAsync(python), protocol, "responses");
        using HttpResponseMessage response = await client.GetAsync(target);
        Assert.Equal(target.Contains("modified", StringComparison.Ordinal) ? HttpStatusCode.NotModified : HttpStatusCode.NoContent, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Cancellation));
        Assert.Equal("a list", await client.GetTextAsync("/list"));
    }

    [Theory]
    [MemberData(nameof(Pythons))]
    public async Task Responses_OneAfterTheOther_AreFramedStrictly(string python)
    {
        DarterServer server = await ShareCoreAsync(python);
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        foreach (string method in (string[])["GET", "HEAD", "POST"])
        {
            foreach ((string target, int status, string body) in
                Kinds.Select(kind => (kind.Target, kind.Status, kind.Body)).Concat(Bodiless.Select(target => (target, target.Contains("mod", StringComparison.Ordinal) ? 304 : 204, ""))))
            {
                await connection.WriteAsync($"{method} {target} HTTP/1.1\r\nHost: h\r\nX-Behaviour: responses\r\nContent-Length: 0\r\n\r\n");
                RawResponse response = await connection.ReadResponseAsync(method);
                Assert.Equal((target, status, method == "HEAD" ? "" : body), (target, response.Status, response.Text));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Pythons))]
    public async Task Responses_ToHttp10_AreNeverChunked(string python)
    {
        DarterServer server = await ShareCoreAsync(python);
        foreach ((string target, int status, string body, _) in Kinds)
        {
            RawResponse response = await RawConnection.ExchangeAsync(server.Address, $"GET {target} HTTP/1.0\r\nX-Behaviour: responses\r\n\r\n");
            Assert.Equal((target, status, body), (target, response.Status, response.Text));
            Assert.NotEqual(HttpFraming.Chunked, response.Framing);
        }
    }

    [Theory]
    [InlineData("/too-short")]
    [InlineData("/too-short-generator")]
    public async Task Response_ShorterThanDeclared_BreaksTheConnection(string target)
    {
        DarterServer server = await ShareCoreAsync();
        int mark = server.Log.Count;
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync($"GET {target} HTTP/1.1\r\nHost: h\r\nX-Behaviour: responses\r\n\r\n");
        RawResponse? head = null;
        try
        {
            head = await connection.ReadHeadAsync();
        }
        catch (EndOfStreamException)
        {
            // Nothing had been sent when it turned out to be too short.
        }

        if (head is { Status: 200 })
        {
            byte[] rest = await connection.ReadToEndAsync();
            Assert.InRange(rest.Length, 0, OneTwoThree.Length);
        }
        else
        {
            Assert.Equal(500, head?.Status ?? 500);
        }

        await server.Log.WaitForAsync(target, mark);
    }

    [Theory]
    [MemberData(nameof(PythonsAndProtocols))]
    public async Task Response_ShorterThanDeclared_IsAnErrorForTheClient(string python, HttpProtocol protocol)
    {
        using var client = new CoreClient(await ShareCoreAsync(python), protocol, "responses");
        try
        {
            using HttpResponseMessage response = await client.GetAsync("/too-short-generator");
            if (response.StatusCode == HttpStatusCode.OK)
            {
                await Assert.ThrowsAsync<HttpRequestException>(() => response.Content.ReadAsByteArrayAsync(Cancellation));
            }
            else
            {
                Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
            }
        }
        catch (HttpRequestException)
        {
            // Broken off before the head was sent.
        }

        Assert.Equal("a list", await client.GetTextAsync("/list"));
    }

    [Theory]
    [MemberData(nameof(PythonsAndProtocols))]
    public async Task Fields_OfAResponse_ArriveAsTheyWereGiven(string python, HttpProtocol protocol)
    {
        using var client = new CoreClient(await ShareCoreAsync(python), protocol, "responses");
        using (HttpResponseMessage cookies = await client.GetAsync("/several-cookies"))
        {
            Assert.Equal(["a=1; Path=/", "b=2, c"], cookies.Headers.NonValidated["Set-Cookie"]);
            Assert.Equal(["As Written", "again"], cookies.Headers.NonValidated["X-Case"]);
        }

        using (HttpResponseMessage own = await client.GetAsync("/server-and-date"))
        {
            Assert.Equal("mine", own.Headers.NonValidated["Server"].ToString());
            Assert.Equal("Thu, 01 Jan 1970 00:00:00 GMT", own.Headers.NonValidated["Date"].ToString());
        }

        using (HttpResponseMessage many = await client.GetAsync("/many-headers"))
        {
            Assert.Equal(100, many.Headers.Count(field => field.Key.StartsWith("X-Number-", StringComparison.OrdinalIgnoreCase)));
        }

        using (HttpResponseMessage empty = await client.GetAsync("/empty-value"))
        {
            Assert.Equal("", empty.Headers.NonValidated["X-Empty"].ToString());
        }

        using HttpResponseMessage hop = await client.GetAsync("/hop-by-hop");
        Assert.False(hop.Headers.NonValidated.Contains("Keep-Alive"));
        Assert.False(hop.Headers.NonValidated.Contains("Upgrade"));
        Assert.False(hop.Headers.NonValidated.Contains("Proxy-Authenticate"));
    }

    [Theory]
    [MemberData(nameof(Pythons))]
    public async Task Fields_OfAResponse_KeepTheirBytes(string python)
    {
        DarterServer server = await ShareCoreAsync(python);
        RawResponse latin = await AskAsync(server, "/latin-1");
        Assert.Equal("caf\u00e9", latin["X-Latin"]);
        RawResponse reason = await AskAsync(server, "/own-reason");
        Assert.Equal("Quite Fine", reason.Reason);
        RawResponse length = await AskAsync(server, "/long-header");
        Assert.Equal(8000, length["X-Long"]!.Length);
        RawResponse plain = await AskAsync(server, "/list");
        Assert.NotNull(plain["Date"]);
        Assert.Equal(["text/plain"], plain.All("Content-Type"));
        Assert.Equal("OK", plain.Reason);
    }

    [Theory]
    [MemberData(nameof(Pythons))]
    public async Task EarlyHints_BeforeTheResponse_AreSentAs103(string python)
    {
        RawResponse response = await AskAsync(await ShareCoreAsync(python), "/early-hints");
        RawResponse hints = Assert.Single(response.Interim);
        Assert.Equal(103, hints.Status);
        Assert.Equal(["</style.css>; rel=preload; as=style", "</x.js>; rel=preload; as=script"], hints.All("Link"));
        Assert.Equal((200, OneTwoThree), (response.Status, response.Text));
        Assert.Null(response["Link"]);
    }

    [Fact]
    public async Task EarlyHints_ToHttp10_AreNotSent()
    {
        DarterServer server = await ShareCoreAsync();
        RawResponse response = await RawConnection.ExchangeAsync(server.Address, "GET /early-hints HTTP/1.0\r\nX-Behaviour: responses\r\n\r\n");
        Assert.Empty(response.Interim);
        Assert.Equal(OneTwoThree, response.Text);
    }

    [Theory]
    [MemberData(nameof(PythonsAndProtocols))]
    public async Task Response_LargerThanEveryBuffer_ArrivesWhole(string python, HttpProtocol protocol)
    {
        const int Size = 20_000_000;
        using var client = new CoreClient(await ShareCoreAsync(python), protocol, "responses");
        foreach (string target in (string[])[$"/large?size={Size}", $"/large?size={Size}&length=1&piece=1000003", $"/large-list?size={Size}"])
        {
            using HttpResponseMessage response = await client.GetAsync(target);
            await AssertPatternAsync(await response.Content.ReadAsStreamAsync(Cancellation), Size);
        }
    }

    [Theory]
    [MemberData(nameof(Pythons))]
    public async Task Response_InManySmallPieces_ArrivesWhole(string python)
    {
        using var client = new CoreClient(await ShareCoreAsync(python), HttpProtocol.Http1, "responses");
        using HttpResponseMessage response = await client.GetAsync("/large?size=300000&piece=7");
        await AssertPatternAsync(await response.Content.ReadAsStreamAsync(Cancellation), 300_000);
    }

    [Theory]
    [MemberData(nameof(Pythons))]
    public async Task Response_ToAClientThatReadsInSips_ArrivesWhole(string python)
    {
        const int Size = 20_000_000;
        DarterServer server = await ShareCoreAsync(python);
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address, receiveBuffer: 4096);
        await connection.WriteAsync($"GET /large?size={Size}&length=1 HTTP/1.1\r\nHost: h\r\nX-Behaviour: responses\r\n\r\n");
        RawResponse head = await connection.ReadHeadAsync();
        Assert.Equal($"{Size}", head["Content-Length"]);
        int next = 0;
        for (int left = Size; left > 0;)
        {
            byte[] sip = await connection.ReadBytesAsync(Math.Min(10_007, left));
            left -= sip.Length;
            next = AssertPattern(sip, next);
        }
    }

    [Theory]
    [MemberData(nameof(Pythons))]
    public async Task Close_AskedForByTheApplication_ClosesTheConnection(string python)
    {
        DarterServer server = await ShareCoreAsync(python);
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync("GET /close HTTP/1.1\r\nHost: h\r\nX-Behaviour: responses\r\n\r\n");
        RawResponse response = await connection.ReadResponseAsync();
        Assert.Equal("bye", response.Text);
        Assert.True(response.IsLast);
        Assert.True(await connection.IsClosedAsync());
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Task<RawResponse> AskAsync(DarterServer server, string target) =>
        RawConnection.ExchangeAsync(server.Address, $"GET {target} HTTP/1.1\r\nHost: h\r\nX-Behaviour: responses\r\n\r\n");

    private static async Task AssertPatternAsync(Stream body, int size)
    {
        var buffer = new byte[128 * 1024];
        int total = 0;
        int next = 0;
        while (await body.ReadAsync(buffer, Cancellation) is > 0 and int read)
        {
            next = AssertPattern(buffer.AsSpan(0, read), next);
            total += read;
        }

        Assert.Equal(size, total);
    }

    // The body counts from 0 to 250 again and again; returns the byte that must come next.
    private static int AssertPattern(ReadOnlySpan<byte> bytes, int next)
    {
        foreach (byte value in bytes)
        {
            if (value != next)
            {
                Assert.Fail($"The body has {value} where {next} belongs.");
            }

            next = (next + 1) % 251;
        }

        return next;
    }
}
