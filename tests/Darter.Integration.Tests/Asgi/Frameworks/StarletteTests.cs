using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Darter.Integration.Tests.Frameworks;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Asgi.Frameworks;

/// <summary>Starlette: routes, bodies, files, errors, lifespan.</summary>
public class StarletteTests(ServerPool pool) : StarletteTest(pool)
{
    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task Routing_OfRequests_FindsTheEndpoint(string application, HttpProtocol protocol)
    {
        using HttpClient client = await ClientAsync(application, protocol);
        Assert.Equal((HttpStatusCode.OK, "hello"), await ReadAsync(client.GetAsync("/", Cancellation)));
        Assert.Equal((HttpStatusCode.NotFound, "Not Found"), await ReadAsync(client.GetAsync("/nowhere", Cancellation)));
        Assert.Equal((HttpStatusCode.NotFound, "Not Found"), await ReadAsync(client.GetAsync("/items/text", Cancellation)));
        using HttpResponseMessage refused = await client.DeleteAsync("/json", Cancellation);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, refused.StatusCode);
        Assert.Equal(["PATCH", "POST", "PUT"], refused.Content.Headers.Allow.Order());
        using HttpResponseMessage head = await client.SendAsync(client.CreateRequest(HttpMethod.Head, "/"), Cancellation);
        Assert.Equal((HttpStatusCode.OK, 5), (head.StatusCode, head.Content.Headers.ContentLength));
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task Urls_OfRequests_AreThoseOfTheClient(string application, HttpProtocol protocol)
    {
        using HttpClient client = await ClientAsync(application, protocol);
        string root = client.BaseAddress!.ToString().TrimEnd('/');
        foreach (string prefix in (string[])["", "/mounted"])
        {
            JsonElement answer = await ReadJsonAsync(client.GetAsync($"{prefix}/items/12?a=1&a=%C3%BC&b=", Cancellation));
            Assert.Equal(12, answer.GetProperty("number").GetInt32());
            Assert.Equal("""[["a","1"],["a","\u00FC"],["b",""]]""", JsonSerializer.Serialize(answer.GetProperty("query")));
            Assert.Equal($"{root}{prefix}/items/12?a=1&a=%C3%BC&b=", answer.GetProperty("url").GetString());
            Assert.EndsWith("/items/7", answer.GetProperty("made").GetString(), StringComparison.Ordinal);
            Assert.StartsWith(root, answer.GetProperty("made").GetString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task Json_InBothDirections_IsUnderstood(string application, HttpProtocol protocol)
    {
        using HttpClient client = await ClientAsync(application, protocol);
        foreach (HttpMethod method in (HttpMethod[])[HttpMethod.Post, HttpMethod.Put, HttpMethod.Patch])
        {
            using HttpRequestMessage request = client.CreateRequest(method, "/json");
            request.Content = Json("""{"list": [1, null, "grüße"]}""");
            using HttpResponseMessage response = await client.SendAsync(request, Cancellation);
            Assert.Equal((HttpStatusCode.Created, "application/json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
            Assert.Equal(["json"], response.Headers.GetValues("X-Kind"));
            JsonElement answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation)).RootElement;
            Assert.Equal(method.Method, answer.GetProperty("method").GetString());
            Assert.Equal("grüße", answer.GetProperty("got").GetProperty("list")[2].GetString());
        }
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task Cookies_InBothDirections_AreUnderstood(string application, HttpProtocol protocol)
    {
        var cookies = new CookieContainer();
        using HttpClient client = ServerClient.Create((await ShareStarletteAsync(application)).Address, protocol, cookies);
        Assert.Equal("{}", await client.GetStringAsync("/cookies", Cancellation));
        JsonElement answer = await ReadJsonAsync(client.GetAsync("/cookies", Cancellation));
        Assert.Equal(("1", "2"), (answer.GetProperty("first").GetString(), answer.GetProperty("second").GetString()));
        Assert.True(cookies.GetCookies(client.BaseAddress!)["first"]!.HttpOnly);
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task Form_WithFiles_IsUnderstood(string application, HttpProtocol protocol)
    {
        Require.SystemPython("multipart");
        using HttpClient client = await ClientAsync(application, protocol);
        using MultipartFormDataContent form = Upload.Create();
        Upload.AssertUnderstood(await ReadJsonAsync(client.PostAsync("/form", form, Cancellation)));

        using var plain = new FormUrlEncodedContent([new("text", "Grüße & more"), new("text", "")]);
        JsonElement fields = (await ReadJsonAsync(client.PostAsync("/form", plain, Cancellation))).GetProperty("form");
        Assert.Equal(["Grüße & more", ""], fields.GetProperty("text").EnumerateArray().Select(text => text.GetString()));
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task Upload_ReadAsAStream_IsWhole(string application, HttpProtocol protocol)
    {
        byte[] content = RandomNumberGenerator.GetBytes(8_000_001);
        using HttpClient client = await ClientAsync(application, protocol);
        string expected = Convert.ToHexStringLower(SHA256.HashData(content));
        using var known = new ByteArrayContent(content);
        Assert.Equal((HttpStatusCode.OK, expected), await ReadAsync(client.PostAsync("/upload", known, Cancellation)));
        using PushedContent unknown = await PushedContent.OfAsync(content);
        Assert.Equal((HttpStatusCode.OK, expected), await ReadAsync(client.PostAsync("/upload", unknown, Cancellation)));
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task FileResponse_SendsTheFile(string application, HttpProtocol protocol)
    {
        byte[] content = RandomNumberGenerator.GetBytes(3_000_000);
        string path = Path.Combine(TemporaryFolder(), "file.bin");
        await File.WriteAllBytesAsync(path, content, Cancellation);
        DarterServer server = await ShareStarletteAsync(application);
        using HttpClient client = Client(server, protocol);

        using HttpResponseMessage response = await client.GetAsync($"/file?path={path}", Cancellation);

        Assert.Equal(content.Length, response.Content.Headers.ContentLength);
        Assert.Equal("file.bin", response.Content.Headers.ContentDisposition?.FileName?.Trim('"'));
        Assert.NotEmpty(response.Headers.NonValidated["ETag"]);
        Assert.Equal(content, await response.Content.ReadAsByteArrayAsync(Cancellation));
        await Wait.Until(() => !server.Workers.SelectMany(LinuxProcess.Descriptors).Contains(path), "the worker to close the file");
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task StaticFiles_AreServed(string application, HttpProtocol protocol)
    {
        using HttpClient client = await ClientAsync(application, protocol);
        using HttpResponseMessage response = await client.GetAsync("/static/file.txt", Cancellation);
        Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("static content\n", await response.Content.ReadAsStringAsync(Cancellation));

        using HttpRequestMessage request = client.CreateRequest(HttpMethod.Get, "/static/file.txt");
        request.Headers.TryAddWithoutValidation("If-None-Match", response.Headers.NonValidated["ETag"].ToString());
        Assert.Equal((HttpStatusCode.NotModified, ""), await ReadAsync(client.SendAsync(request, Cancellation)));
        Assert.Equal(HttpStatusCode.NotFound, (await ReadAsync(client.GetAsync("/static/missing.txt", Cancellation))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await ReadAsync(client.GetAsync("/static/..%2Fapp.py", Cancellation))).Status);
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task ExceptionHandlers_MakeTheResponse(string application, HttpProtocol protocol)
    {
        DarterServer server = await ShareStarletteAsync(application);
        using HttpClient client = Client(server, protocol);
        Assert.Equal((HttpStatusCode)418, (await ReadAsync(client.GetAsync("/tea", Cancellation))).Status);
        using HttpResponseMessage refused = await client.GetAsync("/refuse", Cancellation);
        Assert.Equal((HttpStatusCode.PaymentRequired, "pay first"), (refused.StatusCode, await refused.Content.ReadAsStringAsync(Cancellation)));
        Assert.Equal(["5"], refused.Headers.GetValues("X-Price"));
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task Exception_OfAnEndpoint_IsA500AndATraceback(string application, HttpProtocol protocol)
    {
        DarterServer server = await ShareStarletteAsync(application);
        int mark = server.Log.Count;
        string word = $"word{Guid.NewGuid():N}";
        using HttpClient client = Client(server, protocol);
        Assert.Equal((HttpStatusCode.InternalServerError, "Internal Server Error"), await ReadAsync(client.GetAsync($"/fail?word={word}", Cancellation)));
        await server.Log.WaitForAsync($"RuntimeError: failed on purpose {word}", mark);
        Assert.Contains("app.py\", line", server.Log.Since(mark), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, "hello"), await ReadAsync(client.GetAsync("/", Cancellation)));
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task LifespanState_IsInEveryRequest(string application, HttpProtocol protocol)
    {
        using HttpClient client = await ClientAsync(application, protocol);
        string first = $"{Guid.NewGuid():N}";
        string second = $"{Guid.NewGuid():N}";
        await ReadJsonAsync(client.GetAsync($"/state?visit={first}", Cancellation));
        JsonElement answer = await ReadJsonAsync(client.GetAsync($"/state?visit={second}", Cancellation));
        Assert.Equal("from the lifespan", answer.GetProperty("greeting").GetString());
        Assert.True(answer.GetProperty("same").GetBoolean());

        // The state is copied, but not what is in it.
        string?[] visits = [.. answer.GetProperty("visits").EnumerateArray().Select(visit => visit.GetString())];
        Assert.Contains(first, visits);
        Assert.Contains(second, visits);
    }

    [Fact]
    public async Task Lifespan_OfEachWorker_EndsWhenTheServerStops()
    {
        DarterServer server = await StartAsync(Options("starlette") with { Python = Require.SystemPython("starlette"), Workers = 2 });
        Assert.Equal(0, await server.StopAsync());
        Assert.Equal(2, (server.Output.Text + server.Log.Text).Split("the lifespan has ended").Length - 1);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Middleware_ContextVariables_ReachThreadsAndStayApart(HttpProtocol protocol)
    {
        using HttpClient client = await ClientAsync("wrapped", protocol);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(async number =>
        {
            using HttpRequestMessage request = client.CreateRequest(HttpMethod.Get, "/threaded");
            request.Headers.Add("X-Id", $"{number}");
            using HttpResponseMessage response = await client.SendAsync(request, Cancellation);
            Assert.Equal($"{number}", await response.Content.ReadAsStringAsync(Cancellation));
            Assert.Equal([$"{number}"], response.Headers.GetValues("X-Id"));
        }));
    }
}
