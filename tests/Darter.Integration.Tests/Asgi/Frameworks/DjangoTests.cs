namespace Darter.Integration.Tests.Asgi.Frameworks;

/// <summary>Django by ASGI, with views of both kinds.</summary>
public class DjangoTests(ServerPool pool) : AsgiTest(pool)
{
    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Views_AnswerAsTheyShould(HttpProtocol protocol)
    {
        DarterServer server = await ShareAsync(Options("django") with { Python = Require.SystemPython("django") });
        using HttpClient client = Client(server, protocol);
        Assert.Equal("""{"path": "/async", "query": {"a": "1"}, "scheme": "http"}""", await client.GetStringAsync("/async?a=1", Cancellation));
        Assert.Equal("GET 0", await client.GetStringAsync("/sync", Cancellation));
        Assert.Equal("0\n1\n2\n", await client.GetStringAsync("/streaming", Cancellation));
        using HttpResponseMessage posted = await client.PostAsync("/sync", new ByteArrayContent(new byte[500_000]), Cancellation);
        Assert.Equal("POST 500000", await posted.Content.ReadAsStringAsync(Cancellation));
        using HttpResponseMessage raised = await client.GetAsync("/raises", Cancellation);
        Assert.Equal(500, (int)raised.StatusCode);
    }
}
