using System.Globalization;

namespace Darter.Integration.Tests.Http1;

/// <summary>Requests that are strange, and requests that are wrong.</summary>
public class RequestSyntaxTests(ServerPool pool) : ServerTest(pool)
{
    private static readonly IReadOnlyDictionary<string, RequestCase> Invalid = RequestCase.ReadAll("invalid");
    private static readonly IReadOnlyDictionary<string, RequestCase> Valid = RequestCase.ReadAll("valid");

    public static TheoryData<string> InvalidNames => new(Invalid.Keys);

    public static TheoryData<string> ValidNames => new(Valid.Keys);

    [Theory]
    [MemberData(nameof(ValidNames))]
    public async Task ValidRequest_HoweverStrange_IsServed(string name)
    {
        RequestCase request = Valid[name];
        DarterServer server = await StartRecordingAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.WriteAsync(request.Bytes);
        await AssertServedAsync(server, connection, request);
    }

    [Theory]
    [MemberData(nameof(ValidNames))]
    public async Task ValidRequest_ByteByByte_IsServed(string name)
    {
        RequestCase request = Valid[name];
        DarterServer server = await StartRecordingAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        foreach (char character in request.Bytes)
        {
            await connection.WriteAsync($"{character}");
        }

        await AssertServedAsync(server, connection, request);
    }

    [Theory]
    [MemberData(nameof(InvalidNames))]
    public async Task InvalidRequest_OfAnyKind_IsRefused(string name)
    {
        RequestCase request = Invalid[name];
        DarterServer server = await StartRecordingAsync();
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await connection.TryWriteAsync(request.Bytes);

        int? status = null;
        try
        {
            status = (await connection.ReadResponseAsync()).Status;
        }
        catch (EndOfStreamException)
        {
            // Closed without an answer.
        }

        string[] expected = request.Expected.Split('|');
        Assert.True(
            expected.Contains($"{status}") || (expected.Contains("4xx") && status is null or >= 400),
            $"Expected {request.Expected}, not {status?.ToString(CultureInfo.InvariantCulture) ?? "a closed connection"}.");
        Assert.True(await connection.IsClosedAsync(), "The connection was not closed behind the error, or more came.");

        IReadOnlyList<string> recorded = await RecordedAsync(server);
        Assert.DoesNotContain(recorded, entry => entry.Split(' ')[1].Contains("smuggled", StringComparison.Ordinal));
        Assert.True(recorded.Count <= (status == 200 ? 1 : 0), $"The application saw {string.Join(", ", recorded)}.");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task DamagedRequests_OfAnyKind_LeaveTheServerServing(int seed)
    {
        DarterServer server = await StartRecordingAsync();
        var random = new Random(seed);
        string[] sources = [.. Valid.Values.Concat(Invalid.Values).Select(request => request.Bytes).Where(bytes => bytes.Length < 2000)];
        for (int i = 0; i < 60; i++)
        {
            await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
            if (await connection.TryWriteAsync(Damage(random, sources[random.Next(sources.Length)])))
            {
                connection.ShutdownSend();
            }

            await connection.ReadToEndAsync();
        }

        await RecordedAsync(server);
        Assert.Empty(await RecordedAsync(server));
    }

    private async Task<DarterServer> StartRecordingAsync()
    {
        DarterServer server = await ShareAsync(new DarterServerOptions { Target = App("recorder") });
        await RecordedAsync(server);
        return server;
    }

    private static async Task AssertServedAsync(DarterServer server, RawConnection connection, RequestCase request)
    {
        string[] expected = request.Expected.Split(' ');
        foreach (string status in expected.Where(word => word != "close"))
        {
            Assert.Equal(status, $"{(await connection.ReadResponseAsync()).Status}");
        }

        if (expected[^1] == "close")
        {
            Assert.True(await connection.IsClosedAsync());
        }
        else
        {
            await connection.WriteAsync("GET /last HTTP/1.1\r\nHost: h\r\n\r\n");
            Assert.Equal("recorded", (await connection.ReadResponseAsync()).Text);
        }

        Assert.Equal(request.Requests, (await RecordedAsync(server)).Where(entry => entry != "GET /last"));
    }

    private static async Task<IReadOnlyList<string>> RecordedAsync(DarterServer server)
    {
        RawResponse response = await RawConnection.ExchangeAsync(server.Address, "GET /recorded HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal(200, response.Status);
        return response.Json.EnumerateArray().Select(entry => entry.GetString()!).ToList();
    }

    private static string Damage(Random random, string bytes)
    {
        var text = new System.Text.StringBuilder(bytes);
        for (int left = random.Next(1, 4); left > 0 && text.Length > 1; left--)
        {
            int at = random.Next(text.Length - 1);
            switch (random.Next(4))
            {
                case 0: text[at] = (char)random.Next(256); break;
                case 1: text.Remove(at, 1); break;
                case 2: text.Insert(at, "\r\n\t :;,\0\u00ff0Z"[random.Next(11)]); break;
                default: (text[at], text[at + 1]) = (text[at + 1], text[at]); break;
            }
        }

        return text.ToString();
    }
}
