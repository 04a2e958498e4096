using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Darter.Integration.Tests.Frameworks;

/// <summary>A Django project, named by its folder, with the admin and its database.</summary>
public partial class DjangoTests(DjangoProject project) : IClassFixture<DjangoProject>
{
    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Index_OfTheProject_IsServed(HttpProtocol protocol)
    {
        using HttpClient client = Open(protocol);
        Assert.Equal($"index of {client.BaseAddress!.Authority} caf\u00e9", await client.GetStringAsync("/?q=caf%C3%A9", Cancellation));
        using HttpResponseMessage slash = await client.GetAsync("/users", Cancellation);
        Assert.Equal(HttpStatusCode.MovedPermanently, slash.StatusCode);
        Assert.Equal("/users/", slash.Headers.Location!.ToString());
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Admin_LoggedIn_AddsAUserToTheDatabase(HttpProtocol protocol)
    {
        using HttpClient client = Open(protocol);
        var cookies = new Dictionary<string, string>();
        string page = await SendAsync(client, cookies, HttpMethod.Get, "/admin/login/?next=/admin/", null, HttpStatusCode.OK);
        await SendAsync(
            client, cookies, HttpMethod.Post, "/admin/login/?next=/admin/",
            new()
            {
                ["csrfmiddlewaretoken"] = TokenOf(page),
                ["username"] = DjangoProject.Administrator,
                ["password"] = DjangoProject.Administrator,
                ["next"] = "/admin/",
            },
            HttpStatusCode.Found);
        Assert.Contains("sessionid", cookies.Keys);
        Assert.Contains("Site administration", await SendAsync(client, cookies, HttpMethod.Get, "/admin/", null, HttpStatusCode.OK), StringComparison.Ordinal);

        string name = $"user-{protocol}";
        page = await SendAsync(client, cookies, HttpMethod.Get, "/admin/auth/user/add/", null, HttpStatusCode.OK);
        await SendAsync(
            client, cookies, HttpMethod.Post, "/admin/auth/user/add/",
            new()
            {
                ["csrfmiddlewaretoken"] = TokenOf(page),
                ["username"] = name,
                ["password1"] = "gnat-harbour-7",
                ["password2"] = "gnat-harbour-7",
            },
            HttpStatusCode.Found);
        JsonElement users = await client.GetFromJsonAsync<JsonElement>("/users/", Cancellation);
        Assert.Contains(name, users.GetProperty("users").EnumerateArray().Select(user => user.GetString()));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Admin_WithAWrongPasswordOrWithoutAToken_IsRefused(HttpProtocol protocol)
    {
        using HttpClient client = Open(protocol);
        var cookies = new Dictionary<string, string>();
        string page = await SendAsync(client, cookies, HttpMethod.Get, "/admin/login/", null, HttpStatusCode.OK);
        string answer = await SendAsync(
            client, cookies, HttpMethod.Post, "/admin/login/",
            new() { ["csrfmiddlewaretoken"] = TokenOf(page), ["username"] = DjangoProject.Administrator, ["password"] = "wrong" }, HttpStatusCode.OK);
        Assert.Contains("Please enter the correct", answer, StringComparison.Ordinal);
        await SendAsync(client, cookies, HttpMethod.Post, "/admin/login/", new() { ["username"] = "x" }, HttpStatusCode.Forbidden);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Upload_OfAFile_ArrivesWhole(HttpProtocol protocol)
    {
        using HttpClient client = Open(protocol);
        foreach ((int size, string kind) in ((int, string)[])[(10, "InMemoryUploadedFile"), (3_000_000, "TemporaryUploadedFile")])
        {
            byte[] file = RandomNumberGenerator.GetBytes(size);
            using var form = new MultipartFormDataContent { { new StringContent("a field"), "field" }, { new ByteArrayContent(file), "file", "data.bin" } };
            using HttpResponseMessage response = await client.PostAsync("/upload/", form, Cancellation);
            JsonElement answer = await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
            Assert.Equal((size, kind), (answer.GetProperty("size").GetInt32(), answer.GetProperty("kind").GetString()));
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(file)), answer.GetProperty("sha256").GetString());
        }
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Body_OfARequest_IsAllOfIt(HttpProtocol protocol)
    {
        using HttpClient client = Open(protocol);
        using HttpResponseMessage response = await client.PostAsync("/raw/", new StringContent(new string('x', 500_000), Encoding.UTF8, "text/plain"), Cancellation);
        JsonElement answer = await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal((500_000, "text/plain"), (answer.GetProperty("length").GetInt32(), answer.GetProperty("type").GetString()));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task StreamingHttpResponse_OfPieces_ArrivesOneByOne(HttpProtocol protocol)
    {
        await using var gate = new Gate();
        using HttpClient client = Open(protocol);
        using Stream body = await client.GetStreamAsync($"/stream/?port={gate.Port}", Cancellation);
        using var reader = new StreamReader(body);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal($"piece {i}", await reader.ReadLineAsync(Cancellation));
            (await gate.ReachedAsync("sent")).Release();
        }

        Assert.Null(await reader.ReadLineAsync(Cancellation));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task FileResponse_OfAFile_ArrivesWhole(HttpProtocol protocol)
    {
        byte[] bytes = RandomNumberGenerator.GetBytes(2_000_000);
        await using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "file.bin");
        await File.WriteAllBytesAsync(path, bytes, Cancellation);
        using HttpClient client = Open(protocol);
        using HttpResponseMessage response = await client.GetAsync($"/file/?path={path}", Cancellation);
        Assert.Equal(bytes.Length, response.Content.Headers.ContentLength);
        byte[] received = await response.Content.ReadAsByteArrayAsync(Cancellation);
        Assert.True(bytes.AsSpan().SequenceEqual(received), "The file came changed.");
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task StaticFile_OfTheAdmin_IsServed(HttpProtocol protocol)
    {
        using HttpClient client = Open(protocol);
        using HttpResponseMessage style = await client.GetAsync("/static/admin/css/base.css", Cancellation);
        Assert.Equal("text/css", style.Content.Headers.ContentType!.MediaType);
        Assert.Equal(style.Content.Headers.ContentLength, (await style.Content.ReadAsByteArrayAsync(Cancellation)).Length);

        client.DefaultRequestHeaders.IfModifiedSince = style.Content.Headers.LastModified;
        using HttpResponseMessage again = await client.GetAsync("/static/admin/css/base.css", Cancellation);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
    }

    [Fact]
    public async Task Error_InAView_ShowsTheDebugPage()
    {
        using HttpClient client = Open(HttpProtocol.Http1);
        int mark = project.Server.Log.Count;
        using HttpResponseMessage response = await client.GetAsync("/error/", Cancellation);
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Contains("raised by a view", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        await project.Server.Log.WaitForAsync("ValueError: raised by a view", mark);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string TokenOf(string page) => Token().Match(page).Groups[1].Value;

    private HttpClient Open(HttpProtocol protocol) => ServerClient.Create(project.Server.Address, protocol);

    // Sends a form as a browser does, with the cookies so far, and keeps those of the answer.
    private static async Task<string> SendAsync(
        HttpClient client, Dictionary<string, string> cookies, HttpMethod method, string target, Dictionary<string, string>? form, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(method, target)
        {
            Content = form is null ? null : new FormUrlEncodedContent(form),
            Version = client.DefaultRequestVersion,
            VersionPolicy = client.DefaultVersionPolicy,
        };
        if (cookies.Count > 0)
        {
            request.Headers.Add("Cookie", string.Join("; ", cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
        }

        using HttpResponseMessage response = await client.SendAsync(request, Cancellation);
        string body = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.StatusCode == expected, $"{method} {target}: {(int)response.StatusCode}\n{body}");
        foreach (string cookie in response.Headers.TryGetValues("Set-Cookie", out IEnumerable<string>? values) ? values : [])
        {
            string[] pair = cookie.Split(';')[0].Split('=', 2);
            cookies[pair[0]] = pair[1];
        }

        return body;
    }

    [GeneratedRegex("name=\"csrfmiddlewaretoken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
