using System.Text.Json;
using Darter.Integration.Tests.Logs;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Proxies;

/// <summary>Servers behind a server.</summary>
public class UpstreamTests(ServerPool pool) : LogTest(pool)
{
    private const string IdHeader = "X-Request-ID";

    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Darter_BehindDarter_SeesTheClientAndTheRequestId(HttpProtocol protocol)
    {
        DarterServer behind = await ShareAsync("--request-id-header", IdHeader);
        DarterServer front = await StartAsync("--request-id-header", IdHeader, "--upstream", $"/environ=http://{behind.Address.Authority}", "--access-logfile", "-", "--access-logformat", "%(h)s %(s)s %(b)s %({x-request-id}i)s");
        using HttpClient client = ServerClient.Create(front.Address, protocol);
        using HttpRequestMessage request = new(HttpMethod.Get, "/environ?q=1") { Version = client.DefaultRequestVersion, VersionPolicy = client.DefaultVersionPolicy };
        request.Headers.Host = "shop.example";
        request.Headers.Add("X-Forwarded-For", "203.0.113.9");
        using HttpResponseMessage response = await client.SendAsync(request, Cancellation);
        string body = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.Equal("yes", response.Headers.GetValues("X-Answer").Single());
        JsonElement environ = JsonDocument.Parse(body).RootElement;
        Assert.Equal("203.0.113.9, 127.0.0.1", environ.GetProperty("HTTP_X_FORWARDED_FOR").GetString());
        Assert.Equal("/environ?q=1", environ.GetProperty("RAW_URI").GetString());
        Assert.Equal("shop.example", environ.GetProperty("HTTP_HOST").GetString());
        await front.Output.WaitForAsync($"127.0.0.1 200 {body.Length} {environ.GetProperty("HTTP_X_REQUEST_ID").GetString()}");

        // The rest is the front's own application's.
        Assert.Equal("hello", await client.GetStringAsync("/environment", Cancellation));
    }

    [Fact]
    public async Task Server_ThatIsKilled_CostsNoFurtherRequest()
    {
        DarterServer stays = await ShareAsync();
        DarterServer goes = await StartAsync();
        DarterServer front = await StartAsync("--upstream", $"/=http://{stays.Address.Authority},http://{goes.Address.Authority}", "--upstream-policy", "round-robin");
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal("hello", (await AskAsync(front, "/", "Connection: close\r\n")).Text);
        }

        goes.Send(Signal.Kill);
        await goes.WaitForExitAsync();
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal("hello", (await AskAsync(front, "/", "Connection: close\r\n")).Text);
        }

        await front.Log.WaitForAsync($"http://{goes.Address.Authority} gets no requests, since requests to it failed");
    }
}
