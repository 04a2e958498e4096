using System.Net;
using System.Text.Json;
using Darter.Testing.WebSockets;

namespace Darter.Integration.Tests.Asgi.Frameworks;

/// <summary>Starlette: tasks, context variables, cancellation and threads behave as under any other server.</summary>
public class StarletteTests(ServerPool pool) : AsgiTest(pool)
{
    private static readonly string[] Applications = ["app", "tagged"];

    private static readonly (string Target, string Expected)[] Answers =
    [
        ("/hello", "hello world"), ("/hello/you", "hello you"), ("/mounted/hello", "hello world"), ("/timeout", """{"cancelled":true}"""),
        ("/thread", "from a thread"), ("/methods", "got"), ("/state", "true"),
    ];

    public static MatrixTheoryData<string, HttpProtocol> Variants => new(Applications, Rows.Protocols);

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Endpoints_AnswerAsTheyShould(string application, HttpProtocol protocol)
    {
        using HttpClient client = await ClientAsync(application, protocol);
        foreach ((string target, string expected) in Answers)
        {
            Assert.Equal(expected, await client.GetStringAsync(target, Cancellation));
        }

        Assert.Equal(File.ReadAllText(Path.Combine(RepositoryPaths.AsgiApp("starlette"), "app.py")), await client.GetStringAsync("/file", Cancellation));
        using HttpResponseMessage redirect = await client.GetAsync("/redirect", Cancellation);
        Assert.Equal((HttpStatusCode.TemporaryRedirect, "/hello"), (redirect.StatusCode, redirect.Headers.Location!.OriginalString));
        using HttpResponseMessage missing = await client.GetAsync("/nothing", Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        using HttpResponseMessage posted = await client.PostAsync("/methods", new StringContent("content"), Cancellation);
        Assert.Equal("posted content", await posted.Content.ReadAsStringAsync(Cancellation));
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Bodies_OfFormsAndStreams_AreWhole(string application, HttpProtocol protocol)
    {
        using HttpClient client = await ClientAsync(application, protocol);
        using var form = new MultipartFormDataContent { { new StringContent("some text"), "text" }, { new ByteArrayContent(new byte[200_000]), "file", "name.bin" } };
        using HttpResponseMessage answer = await client.PostAsync("/form", form, Cancellation);
        Assert.Equal("""{"name":"name.bin","size":200000,"text":"some text","url":"/form"}""", await answer.Content.ReadAsStringAsync(Cancellation));
        using HttpResponseMessage upload = await client.PostAsync("/upload", new ByteArrayContent(new byte[3_000_000]), Cancellation);
        Assert.Equal("3000000", await upload.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task ContextVariables_ReachTheTasksOfTheRequestOnly()
    {
        using HttpClient client = await ClientAsync("tagged", HttpProtocol.Http2);
        Task<string>[] answers = [.. Enumerable.Range(0, 30).Select(async i =>
        {
            using HttpRequestMessage request = client.CreateRequest(HttpMethod.Get, "/context");
            request.Headers.Add("x-request-id", $"{i}");
            using HttpResponseMessage response = await client.SendAsync(request, Cancellation);
            Assert.Equal(["yes"], response.Headers.GetValues("x-tagged"));
            return await response.Content.ReadAsStringAsync(Cancellation);
        })];
        Assert.Equal(Enumerable.Range(0, 30).Select(i => $"""["{i}","{i}","{i}"]"""), await Task.WhenAll(answers));
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Events_ArriveOneByOne(string application, HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        using HttpClient client = await ClientAsync(application, protocol);
        using HttpResponseMessage response = await BeginAsync(client, $"/events?port={gate.Port}");
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation));
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal($"data: {i}", await Wait.For(reader.ReadLineAsync(Cancellation).AsTask(), "an event"));
            Assert.Equal("", await reader.ReadLineAsync(Cancellation));
            (await gate.ReachedAsync("sent")).Release();
        }

        Assert.Null(await reader.ReadLineAsync(Cancellation));
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Background_RunsAfterTheResponse(string application, HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        using HttpClient client = await ClientAsync(application, protocol);
        Assert.Equal("answered", await client.GetStringAsync($"/background?port={gate.Port}", Cancellation));
        await gate.ReachedAsync("background");
    }

    [Theory]
    [InlineData(HttpProtocol.Http1)]
    [InlineData(HttpProtocol.Http2)]
    public async Task Stream_WhoseClientLeaves_IsCancelled(HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        using (HttpClient client = await ClientAsync("app", protocol))
        {
            using HttpResponseMessage response = await BeginAsync(client, $"/endless?port={gate.Port}");
            using Stream body = await response.Content.ReadAsStreamAsync(Cancellation);
            await body.ReadExactlyAsync(new byte[100], Cancellation);
        }

        await gate.ReachedAsync("ended");
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Exception_OfAnEndpoint_Is500WithATraceback(string application, HttpProtocol protocol)
    {
        DarterServer server = await ShareAsync(Starlette(application));
        int mark = server.Log.Count;
        using HttpClient client = Client(server, protocol);
        using HttpResponseMessage response = await client.GetAsync("/raises", Cancellation);
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        await server.Log.WaitForAsync("ValueError: raised in an endpoint", mark);
    }

    [Fact]
    public async Task Chat_OfTwo_TellsBoth()
    {
        DarterServer server = await ShareAsync(Starlette("app"));
        await using RawWebSocket first = await RawWebSocket.OpenAsync(server.Address, "/chat");
        await using RawWebSocket second = await RawWebSocket.OpenAsync(server.Address, "/chat");
        await first.WriteAsync("""{"say": "hello"}""");
        foreach (RawWebSocket socket in (RawWebSocket[])[first, second])
        {
            Assert.Equal("hello", JsonDocument.Parse(await socket.ReadTextAsync()).RootElement.GetProperty("say").GetString());
        }

        await second.WriteAsync(WebSocketFrame.Close(4002));
        Assert.Equal(4002, JsonDocument.Parse(await first.ReadTextAsync()).RootElement.GetProperty("left").GetInt32());
    }

    private static DarterServerOptions Starlette(string application) =>
        Options($"starlette:{application}") with { Python = Require.SystemPython("starlette") };

    private async Task<HttpClient> ClientAsync(string application, HttpProtocol protocol) => Client(await ShareAsync(Starlette(application)), protocol);
}
