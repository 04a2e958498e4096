using System.Net;
using System.Text;
using System.Text.Json;

namespace Darter.Integration.Tests.Frameworks;

/// <summary>Flask: routes, hooks, sessions, forms, streams, errors.</summary>
public class FlaskTests(ServerPool pool) : FlaskTest(pool)
{
    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task View_WithHooks_IsAnswered(string application, HttpProtocol protocol)
    {
        using HttpClient client = await ClientAsync(application, protocol);
        using HttpResponseMessage response = await client.GetAsync("/", Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("hello", await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(5, response.Content.Headers.ContentLength);
        Assert.Equal(["before /"], response.Headers.GetValues("X-Before"));
        Assert.Equal(["after 200"], response.Headers.GetValues("X-After"));

        Assert.Equal(client.DefaultRequestVersion, response.Version);

        using HttpRequestMessage refused = client.CreateRequest(HttpMethod.Get, "/");
        refused.Headers.Add("X-Refuse", "yes");
        using HttpResponseMessage refusal = await client.SendAsync(refused, Cancellation);
        Assert.Equal(client.DefaultRequestVersion, refusal.Version);
        Assert.Equal(HttpStatusCode.Forbidden, refusal.StatusCode);
        Assert.Equal("refused before the view", await refusal.Content.ReadAsStringAsync(Cancellation));
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task Methods_ThatAViewDoesNotName_AreFlasks(string application, HttpProtocol protocol)
    {
        using HttpClient client = await ClientAsync(application, protocol);
        using HttpResponseMessage head = await SendAsync(client, HttpMethod.Head, "/");
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(5, head.Content.Headers.ContentLength);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancellation));

        using HttpResponseMessage options = await SendAsync(client, HttpMethod.Options, "/");
        Assert.Equal(["GET", "HEAD", "OPTIONS"], options.Content.Headers.Allow.Order());

        using HttpResponseMessage refused = await SendAsync(client, HttpMethod.Delete, "/");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, refused.StatusCode);
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task Path_AndQuery_AreDecodedOnceAndEscapedInTemplates(string application, HttpProtocol protocol)
    {
        using HttpClient client = await ClientAsync(application, protocol);
        string page = await client.GetStringAsync("/hello/caf%C3%A9%20%26%2F%252F?q=%C3%BC%3Cb%3E+%2B", Cancellation);
        Assert.Equal("<p>Hello, café &amp;/%2F! ü&lt;b&gt; +</p>", page);
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task Session_KeptInACookie_BelongsToOneClient(string application, HttpProtocol protocol)
    {
        using HttpClient ada = await ClientAsync(application, protocol);
        using HttpClient grace = await ClientAsync(application, protocol);
        await LogInAsync(ada, "Ada Löve");
        Assert.Equal(HttpStatusCode.Unauthorized, (await grace.GetAsync("/account", Cancellation)).StatusCode);
        await LogInAsync(grace, "Grace");

        await AssertAccountAsync(ada, "Ada Löve", visits: 1, "Welcome, Ada Löve");
        await AssertAccountAsync(grace, "Grace", visits: 1, "Welcome, Grace");
        await AssertAccountAsync(ada, "Ada Löve", visits: 2);

        using HttpResponseMessage loggedOut = await ada.PostAsync("/logout", null, Cancellation);
        Assert.Equal(HttpStatusCode.OK, loggedOut.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await ada.GetAsync("/account", Cancellation)).StatusCode);
        await AssertAccountAsync(grace, "Grace", visits: 2);
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task Cookies_OfBothDirections_AreKeptApart(string application, HttpProtocol protocol)
    {
        using HttpClient client = ServerClient.Create((await ShareFlaskAsync(application)).Address, protocol);
        client.DefaultRequestHeaders.Add("Cookie", "a=1; b=\"two words\"; c=");
        using HttpResponseMessage response = await client.GetAsync("/cookies", Cancellation);
        JsonElement cookies = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation)).RootElement;
        Assert.Equal(["a=1", "b=two words", "c="], cookies.EnumerateObject().Select(cookie => $"{cookie.Name}={cookie.Value}").Order());
        string[] set = [.. response.Headers.GetValues("Set-Cookie")];
        Assert.Equal(3, set.Length);
        Assert.StartsWith("one=1; HttpOnly", set[0], StringComparison.Ordinal);
        Assert.StartsWith("two=2; Expires=", set[1], StringComparison.Ordinal);
        Assert.StartsWith("three=; Expires=Thu, 01 Jan 1970", set[2], StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task Upload_OfAForm_IsUnderstood(string application, HttpProtocol protocol)
    {
        using HttpClient client = await ClientAsync(application, protocol);
        foreach (bool chunked in (bool[])[false, true])
        {
            // Over HTTP/2 this leaves Content-Length out.
            using MultipartFormDataContent form = Upload.Create();
            using HttpRequestMessage request = client.CreateRequest(HttpMethod.Post, "/upload");
            request.Content = form;
            request.Headers.TransferEncodingChunked = chunked;
            using HttpResponseMessage response = await client.SendAsync(request, Cancellation);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Upload.AssertUnderstood(JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation)).RootElement);
        }
    }

    // The validator objects to what Flask does here: it reads without a size, and gives a 204 a Content-Type.
    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Json_PostedAndReturned_IsTheSame(HttpProtocol protocol)
    {
        using HttpClient client = await ClientAsync("app", protocol);
        const string Json = """{"a":[1,2.5,null,true],"b":"\u00fc\ud83d\ude00"}""";
        using HttpResponseMessage response = await client.PostAsync("/json", new StringContent(Json, Encoding.UTF8, "application/json"), Cancellation);
        Assert.True(JsonElement.DeepEquals(
            JsonDocument.Parse(Json).RootElement, JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation)).RootElement));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task NoContent_IsNone(HttpProtocol protocol)
    {
        using HttpClient client = await ClientAsync("app", protocol);
        for (int i = 0; i < 3; i++)
        {
            using HttpResponseMessage response = await client.GetAsync("/nothing", Cancellation);
            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
            Assert.Empty(await response.Content.ReadAsByteArrayAsync(Cancellation));
        }
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task Request_AsFlaskSeesIt_IsTheClients(string application, HttpProtocol protocol)
    {
        using HttpClient client = await ClientAsync(application, protocol);
        JsonElement seen = JsonDocument.Parse(await client.GetStringAsync("/request?x=1", Cancellation)).RootElement;
        Assert.Equal(new Uri(client.BaseAddress!, "/request?x=1").ToString(), seen.GetProperty("url").GetString());
        Assert.Equal(client.BaseAddress!.Authority, seen.GetProperty("host").GetString());
        Assert.Equal("127.0.0.1", seen.GetProperty("client").GetString());
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task Stream_WithItsContext_ArrivesPieceByPiece(string application, HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        using HttpClient client = await ClientAsync(application, protocol);
        using HttpResponseMessage response = await client.GetAsync(
            new Uri($"/stream?word=piece&port={gate.Port}&teardown={gate.Port}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Cancellation);
        using var body = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation));
        for (int number = 0; number < 3; number++)
        {
            Assert.Equal($"piece {number}", await body.ReadLineAsync(Cancellation));
            Gate.Arrival sent = await gate.ReachedAsync("sent");
            Assert.False(gate.IsReached("teardown"));
            sent.Release();
        }

        Assert.Null(await body.ReadLineAsync(Cancellation));
        await gate.ReachedAsync("teardown");
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task Stream_OfAClientThatLeaves_IsTornDown(string application, HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        Gate.Arrival sent;
        using (HttpClient client = await ClientAsync(application, protocol))
        {
            using HttpResponseMessage response = await client.GetAsync(
                new Uri($"/stream?word=piece&port={gate.Port}&teardown={gate.Port}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Cancellation);
            sent = await gate.ReachedAsync("sent");
        }

        sent.Release();
        await ReleaseUntilTornDownAsync(gate);
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task Stream_ThatFails_IsBrokenOff(string application, HttpProtocol protocol)
    {
        DarterServer server = await ShareFlaskAsync(application);
        int mark = server.Log.Count;
        using HttpClient client = ServerClient.Create(server.Address, protocol);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync("/stream-fails", Cancellation));
        await server.Log.WaitForAsync("RuntimeError: in the middle of a stream", mark);
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task Errors_AreAnsweredByTheirHandlers(string application, HttpProtocol protocol)
    {
        DarterServer server = await ShareFlaskAsync(application);
        int mark = server.Log.Count;
        using HttpClient client = ServerClient.Create(server.Address, protocol);
        await AssertAnswerAsync(client, "/not/there", HttpStatusCode.NotFound, "nothing at /not/there");
        await AssertAnswerAsync(client, "/abort/404", HttpStatusCode.NotFound, "nothing at /abort/404");
        await AssertAnswerAsync(client, "/abort/500", HttpStatusCode.InternalServerError, "we are sorry: NoneType");

        string word = $"word{Guid.NewGuid():N}";
        await AssertAnswerAsync(client, $"/fail?word={word}", HttpStatusCode.InternalServerError, "we are sorry: RuntimeError");
        await server.Log.WaitForAsync($"RuntimeError: failed on purpose {word}", mark);

        using HttpResponseMessage teapot = await client.GetAsync("/abort/418", Cancellation);
        Assert.Equal(418, (int)teapot.StatusCode);
        Assert.Equal(protocol == HttpProtocol.Http1 ? "I'M A TEAPOT" : null, teapot.ReasonPhrase is "" ? null : teapot.ReasonPhrase);
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task Redirect_KeepsItsRelativeLocation(string application, HttpProtocol protocol)
    {
        using HttpClient client = await ClientAsync(application, protocol);
        using HttpResponseMessage response = await client.GetAsync("/redirect", Cancellation);
        Assert.Equal(HttpStatusCode.PermanentRedirect, response.StatusCode);
        Assert.Equal("/hello/there?q=1", response.Headers.Location?.OriginalString);
    }

    // The generator may get some pieces ahead before it is told.
    private static async Task ReleaseUntilTornDownAsync(Gate gate)
    {
        await Wait.Until(
            async () =>
            {
                if (gate.IsReached("sent"))
                {
                    (await gate.ReachedAsync("sent")).Release();
                }

                return gate.IsReached("teardown");
            },
            () => "the request to be torn down");
    }

    private static async Task AssertAnswerAsync(HttpClient client, string target, HttpStatusCode status, string text)
    {
        using HttpResponseMessage response = await client.GetAsync(target, Cancellation);
        Assert.Equal(status, response.StatusCode);
        Assert.Equal(text, await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal([$"after {(int)status}"], response.Headers.GetValues("X-After"));
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, HttpMethod method, string target)
    {
        using HttpRequestMessage request = client.CreateRequest(method, target);
        return await client.SendAsync(request, Cancellation);
    }

    internal static async Task LogInAsync(HttpClient client, string name)
    {
        using HttpResponseMessage response = await client.PostAsync("/login", new FormUrlEncodedContent([new("name", name)]), Cancellation);
        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        Assert.Equal("/account", response.Headers.Location?.OriginalString);
    }

    internal static async Task AssertAccountAsync(HttpClient client, string name, int visits, params string[] messages)
    {
        JsonElement account = JsonDocument.Parse(await client.GetStringAsync("/account", Cancellation)).RootElement;
        Assert.Equal(name, account.GetProperty("name").GetString());
        Assert.Equal(visits, account.GetProperty("visits").GetInt32());
        Assert.Equal(messages, account.GetProperty("messages").EnumerateArray().Select(message => message.GetString()));
    }
}
