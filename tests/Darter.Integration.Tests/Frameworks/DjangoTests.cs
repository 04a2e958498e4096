using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Darter.Integration.Tests.Frameworks;

/// <summary>A Django project in DEBUG, named by its folder and behind wsgiref.validate: admin, database, forms, files, streams.</summary>
public partial class DjangoTests(ServerPool pool, DjangoProject project) : ServerTest(pool), IClassFixture<DjangoProject>
{
    public static MatrixTheoryData<string, HttpProtocol> ApplicationsAndProtocols => new(["folder", "validated"], Rows.Protocols);

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task Admin_LogInWithTheFormsToken_ShowsTheIndex(string application, HttpProtocol protocol)
    {
        var cookies = new CookieContainer();
        using HttpClient client = ServerClient.Create((await ServerAsync(application)).Address, protocol, cookies);
        using HttpResponseMessage first = await client.GetAsync("/admin/", Cancellation);
        Assert.Equal(HttpStatusCode.Found, first.StatusCode);
        Assert.Equal("/admin/login/?next=/admin/", first.Headers.Location?.OriginalString);

        await LogInAsync(client);
        Assert.NotNull(cookies.GetCookies(client.BaseAddress!)["sessionid"]);
        string index = await client.GetStringAsync("/admin/", Cancellation);
        Assert.Contains("Site administration", index, StringComparison.Ordinal);
        Assert.Contains($"<strong>{DjangoProject.UserName}</strong>", index, StringComparison.Ordinal);

        // Adds a user with the admin's own form.
        string name = $"user{Guid.NewGuid():N}"[..20];
        string token = await TokenAsync(client, "/admin/auth/user/add/");
        using HttpResponseMessage added = await PostAsync(
            client, "/admin/auth/user/add/", token, ("username", name), ("password1", "xyzzy-1234-plugh"), ("password2", "xyzzy-1234-plugh"));
        Assert.Equal(HttpStatusCode.Found, added.StatusCode);
        Assert.Contains(name, await client.GetStringAsync("/admin/auth/user/?q=user", Cancellation), StringComparison.Ordinal);
        Assert.Contains(name, await UsersAsync(client));
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task Admin_LogInWithoutTokenOrPassword_IsRefused(string application, HttpProtocol protocol)
    {
        using HttpClient client = await ClientAsync(application, protocol);
        string token = await TokenAsync(client, "/admin/login/");
        using HttpResponseMessage forged = await PostAsync(
            client, "/admin/login/", "x", ("username", DjangoProject.UserName), ("password", DjangoProject.Password));
        Assert.Equal(HttpStatusCode.Forbidden, forged.StatusCode);
        using HttpResponseMessage wrong = await PostAsync(client, "/admin/login/", token, ("username", DjangoProject.UserName), ("password", "wrong"));
        Assert.Equal(HttpStatusCode.OK, wrong.StatusCode);
        Assert.Contains("Please enter the correct username", await wrong.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Found, (await client.GetAsync("/admin/", Cancellation)).StatusCode);
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task Upload_OfAForm_IsUnderstood(string application, HttpProtocol protocol)
    {
        using HttpClient client = await ClientAsync(application, protocol);
        using MultipartFormDataContent form = Upload.Create(("csrfmiddlewaretoken", await TokenAsync(client, "/form/")));
        using HttpResponseMessage response = await client.PostAsync("/form/", form, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        JsonElement answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation)).RootElement;
        Upload.AssertUnderstood(answer);
        Assert.All(answer.GetProperty("files").EnumerateArray(), file => Assert.Equal("TemporaryUploadedFile", file.GetProperty("class").GetString()));

        // What Django keeps in memory instead.
        using MultipartFormDataContent small = new() { { new StringContent(await TokenAsync(client, "/form/")), "csrfmiddlewaretoken" }, { new ByteArrayContent("tiny"u8.ToArray()), "file", "tiny.bin" } };
        using HttpResponseMessage second = await client.PostAsync("/form/", small, Cancellation);
        JsonElement file = Assert.Single(JsonDocument.Parse(await second.Content.ReadAsStringAsync(Cancellation)).RootElement.GetProperty("files").EnumerateArray());
        Assert.Equal(("InMemoryUploadedFile", 4), (file.GetProperty("class").GetString(), file.GetProperty("size").GetInt32()));
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task StreamingResponse_ArrivesPieceByPiece(string application, HttpProtocol protocol)
    {
        Gate gate = OpenGate();
        using HttpClient client = await ClientAsync(application, protocol);
        using HttpResponseMessage response = await client.GetAsync(
            new Uri($"/stream/?word=piece&port={gate.Port}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Cancellation);
        using var body = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation));
        for (int number = 0; number < 3; number++)
        {
            Assert.Equal($"piece {number}", await body.ReadLineAsync(Cancellation));
            (await gate.ReachedAsync("sent")).Release();
        }

        Assert.Null(await body.ReadLineAsync(Cancellation));
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task FileResponse_SendsTheFile(string application, HttpProtocol protocol)
    {
        var bytes = new byte[1_500_000];
        new Random(16).NextBytes(bytes);
        string path = Path.Combine(TemporaryFolder(), "file.bin");
        await File.WriteAllBytesAsync(path, bytes, Cancellation);
        using HttpClient client = await ClientAsync(application, protocol);
        for (int i = 0; i < 3; i++)
        {
            using HttpResponseMessage response = await client.GetAsync($"/file/?path={path}", Cancellation);
            Assert.Equal(bytes.Length, response.Content.Headers.ContentLength);
            Assert.Equal("file.bin", response.Content.Headers.ContentDisposition?.FileName?.Trim('"'));
            Assert.Equal(bytes, await response.Content.ReadAsByteArrayAsync(Cancellation));
        }

        DarterServer server = await ServerAsync(application);
        await Wait.Until(
            () => !server.Workers.SelectMany(Darter.Testing.Processes.LinuxProcess.Descriptors).Contains(path),
            () => "the worker to close the file");
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task StaticFiles_OfTheAdmin_AreServed(string application, HttpProtocol protocol)
    {
        using HttpClient client = await ClientAsync(application, protocol);
        using HttpResponseMessage response = await client.GetAsync("/static/admin/css/base.css", Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/css", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("#header", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);

        using HttpRequestMessage request = client.CreateRequest(HttpMethod.Get, "/static/admin/css/base.css");
        request.Headers.IfModifiedSince = response.Content.Headers.LastModified;
        using HttpResponseMessage second = await client.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/static/missing.css", Cancellation)).StatusCode);
    }

    [Theory]
    [MemberData(nameof(ApplicationsAndProtocols))]
    public async Task Errors_OfADebuggedProject_AreItsOwnPages(string application, HttpProtocol protocol)
    {
        DarterServer server = await ServerAsync(application);
        int mark = server.Log.Count;
        string word = $"word{Guid.NewGuid():N}";
        using HttpClient client = ServerClient.Create(server.Address, protocol);
        using HttpResponseMessage failed = await client.GetAsync($"/fail/?word={word}", Cancellation);
        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        Assert.Contains("RuntimeError at /fail/", await failed.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        await server.Log.WaitForAsync($"RuntimeError: failed on purpose {word}", mark);

        using HttpResponseMessage missing = await client.GetAsync("/missing/", Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Contains("Using the URLconf defined in", await missing.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        using HttpResponseMessage slash = await client.GetAsync("/form", Cancellation);
        Assert.Equal(HttpStatusCode.MovedPermanently, slash.StatusCode);
        Assert.Equal("/form/", slash.Headers.Location?.OriginalString);
        Assert.Contains(
            "<p>Hello, caf\u00e9 &amp;! \u00fc</p>", await client.GetStringAsync("/hello/caf%C3%A9%20%26?q=%C3%BC", Cancellation), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HttpProtocol.Http1)]
    [InlineData(HttpProtocol.Http2)]
    public async Task Threads_OfTwoWorkers_KeepClientsApart(HttpProtocol protocol)
    {
        DarterServer server = await UseAsync(project.Options("folder") with { Workers = 2, Threads = 4 });
        string[] names = await Task.WhenAll(Enumerable.Range(0, 12).Select(async number =>
        {
            using HttpClient client = ServerClient.Create(server.Address, protocol, new CookieContainer());
            await LogInAsync(client);
            string name = $"thread{number}{Guid.NewGuid():N}"[..20];
            string token = await TokenAsync(client, "/form/");
            using HttpResponseMessage created = await PostAsync(client, "/users/", token, ("name", name));
            Assert.Equal(HttpStatusCode.OK, created.StatusCode);
            for (int i = 0; i < 5; i++)
            {
                Assert.Contains($"Hello, {name}!", await client.GetStringAsync($"/hello/{name}", Cancellation), StringComparison.Ordinal);
                Assert.Contains("Site administration", await client.GetStringAsync("/admin/", Cancellation), StringComparison.Ordinal);
            }

            return name;
        }));

        using HttpClient last = ServerClient.Create(server.Address, protocol, new CookieContainer());
        Assert.Empty(names.Except(await UsersAsync(last)));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static async Task LogInAsync(HttpClient client)
    {
        string token = await TokenAsync(client, "/admin/login/");
        using HttpResponseMessage response = await PostAsync(
            client, "/admin/login/?next=/admin/", token, ("username", DjangoProject.UserName), ("password", DjangoProject.Password));
        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        Assert.Equal("/admin/", response.Headers.Location?.OriginalString);
    }

    private static async Task<string> TokenAsync(HttpClient client, string target)
    {
        Match match = Token().Match(await client.GetStringAsync(target, Cancellation));
        Assert.True(match.Success, $"{target} has no form with a token.");
        return match.Groups[1].Value;
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string target, string token, params (string Name, string Value)[] fields) =>
        client.PostAsync(
            target,
            new FormUrlEncodedContent([new("csrfmiddlewaretoken", token), .. fields.Select(field => new KeyValuePair<string, string>(field.Name, field.Value))]),
            Cancellation);

    private static async Task<List<string?>> UsersAsync(HttpClient client) =>
        JsonDocument.Parse(await client.GetStringAsync("/users/", Cancellation)).RootElement.GetProperty("users").EnumerateArray().Select(user => user.GetString()).ToList();

    [GeneratedRegex("name=\"csrfmiddlewaretoken\" value=\"([A-Za-z0-9]+)\"")]
    private static partial Regex Token();

    private Task<DarterServer> ServerAsync(string application) => UseAsync(project.Options(application));

    private async Task<HttpClient> ClientAsync(string application, HttpProtocol protocol) =>
        ServerClient.Create((await ServerAsync(application)).Address, protocol, new CookieContainer());

    private async Task<DarterServer> UseAsync(DarterServerOptions options) => Watch(await project.GetAsync(options));
}
