using System.Text;
using Darter.Server.Configuration;
using Darter.Server.Configuration.Routes;
using Darter.Server.Proxies;
using Darter.Server.Tests.Applications;
using Darter.Testing.Http;
using Darter.Wire;
using Darter.Workers;
using Darter.Workers.Tests;

namespace Darter.Server.Tests.Routing;

/// <summary>Routes in the front, with real connections, and applications that the test plays.</summary>
public sealed class RoutedFrontTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("darter-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Response_IsSentByTheFrontAlone()
    {
        await using FrontHarness front = await StartAsync([], Of("/health", new ResponseAction(200, "ok", [new("x-a", "b")])), Of("/gone", new ResponseAction(410)));
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);

        await connection.WriteAsync(Get("/health") + Get("/health").Replace("GET", "HEAD", StringComparison.Ordinal) + Get("/gone") + Get("/other"));
        RawResponse answer = await connection.ReadResponseAsync();
        Assert.Equal((200, "ok", "b", "text/plain; charset=utf-8"), (answer.Status, answer.Text, answer["x-a"], answer["Content-Type"]));
        Assert.Equal("2", (await connection.ReadResponseAsync("HEAD"))["Content-Length"]);
        RawResponse gone = await connection.ReadResponseAsync();
        Assert.Equal((410, "410 Gone\n"), (gone.Status, gone.Text));
        Assert.Equal(404, (await connection.ReadResponseAsync()).Status);
    }

    [Theory]
    [InlineData("/new/", "/old/a?b", "/new/")]
    [InlineData("/new/*", "/old/a%20b?c=d", "/new/a%20b?c=d")]
    [InlineData("https://{host}{uri}", "/old/a?b", "https://a.test/old/a?b")]
    [InlineData("/*", "/old//evil.test", "/evil.test")]
    [InlineData("*", "/old/%2fevil.test", "evil.test")]
    [InlineData("/*", "/old/%5cevil.test", "/%5Cevil.test")]
    public async Task Redirect_LeadsToItsPlace(string to, string target, string location)
    {
        await using FrontHarness front = await StartAsync([], Of("/old/*", new RedirectAction(to, 307)));
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);

        await connection.WriteAsync(Get(target));
        RawResponse answer = await connection.ReadResponseAsync();
        Assert.Equal((307, location), (answer.Status, answer["Location"]));
    }

    [Theory]
    [InlineData("/users/{id}", "/user/7", "/users/7")]
    [InlineData("https://{host}/{2}/{1}?u={id}", "/user/7", "https://a.test/{2}/{1}?u=7")]
    [InlineData("/{id}{id}", "/user/7%2f8", "/7/87/8")]
    [InlineData("/{id}", "/user/%2fevil.test", "/evil.test")]
    [InlineData("/x/{id}", "/user/%0d%0aSet-Cookie:%20a", "/x/%0D%0ASet-Cookie:%20a")]
    [InlineData("/{id}", "/user/%7Bid%7D*", "/%7Bid%7D*")]
    public async Task Redirect_OfARegularExpression_LeadsToWhatItCaptured(string to, string target, string location)
    {
        await using FrontHarness front = await StartAsync([], Of("~^/user/(?<id>.*)$", new RedirectAction(to, 307)));
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);

        await connection.WriteAsync(Get(target));
        RawResponse answer = await connection.ReadResponseAsync();
        Assert.Equal((307, location), (answer.Status, answer["Location"]));
    }

    [Fact]
    public async Task Rewrite_OfARegularExpression_HasWhatItCaptured()
    {
        await using FrontHarness front = await StartAsync(["app"], Of("~^/([a-z]+)/([^/]*)/edit$", new AppAction("app")) with { Rewrite = "/edit/{1}/{2}/*" });
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);

        await connection.WriteAsync(Get("/shop/a%20%7B1%7D/edit?q=1"));
        Assert.Equal("/edit/shop/a%20%7B1%7D/?q=1", Answer(front.Worker, "1"));
        Assert.Equal("1", (await connection.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task Applications_HaveTheRequestsOfTheirRoutesOnOneConnection()
    {
        await using FrontHarness front = await StartAsync(["one", "two"], Of("/one/*", new AppAction("one")), Of("/two/*", new AppAction("two", "/two")));
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        for (int i = 0; i < 3; i++)
        {
            await connection.WriteAsync(Get("/one/a"));
            Assert.Equal("/one/a", Answer(front.Applications[0].Channels[0], "1"));
            Assert.Equal("1", (await connection.ReadResponseAsync()).Text);
            await connection.WriteAsync(Get("/two/b"));
            Assert.Equal("/two/b", Answer(front.Applications[1].Channels[0], "2"));
            Assert.Equal("2", (await connection.ReadResponseAsync()).Text);
            await connection.WriteAsync(Get("/three"));
            Assert.Equal(404, (await connection.ReadResponseAsync()).Status);
        }
    }

    [Fact]
    public async Task Request_IsChangedAsTheRouteSays_AndSoIsTheResponse()
    {
        RouteConfig route = Of("/api/*", new AppAction("app")) with
        {
            Rewrite = "/v1/*",
            RequestFields = [new("x-set", "1"), new("cookie", null)],
            ResponseFields = [new("x-frame-options", "DENY"), new("server", null)],
        };
        await using FrontHarness front = await StartAsync(["app"], route);
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);

        await connection.WriteAsync("GET /api/a%20b?c HTTP/1.1\r\nHost: a.test\r\nCookie: x\r\nX-Set: 0\r\n\r\n");
        (string target, Dictionary<string, string> fields, uint stream) = ReadRequest(front.Worker);
        front.Worker.Respond(stream, 200, ("server", "app"), ("x-b", "c"));
        front.Worker.End(stream);
        RawResponse answer = await connection.ReadResponseAsync();

        Assert.Equal("/v1/a%20b?c", target);
        Assert.Equal("1", fields["x-set"]);
        Assert.DoesNotContain("cookie", fields.Keys);
        Assert.Equal(("DENY", null, "c"), (answer["X-Frame-Options"], answer["Server"], answer["X-B"]));
    }

    [Fact]
    public async Task Access_IsForWhoMayUseIt()
    {
        Assert.True(TrustedAddresses.TryParse("10.0.0.0/8", out TrustedAddresses? others, out _));
        Assert.True(TrustedAddresses.TryParse("127.0.0.0/8", out TrustedAddresses? own, out _));
        await using FrontHarness front = await StartAsync(
            [],
            Of("/others", new ResponseAction(200)) with { Allow = others },
            Of("/own", new ResponseAction(200)) with { Allow = own },
            Of("/denied", new ResponseAction(200)) with { Allow = own, Deny = own });
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);

        await connection.WriteAsync(Get("/others") + Get("/own") + Get("/denied") + Get("/others", "X-Forwarded-For: 10.1.1.1\r\n"));
        Assert.Equal(403, (await connection.ReadResponseAsync()).Status);
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        Assert.Equal(403, (await connection.ReadResponseAsync()).Status);
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task Password_IsAskedForBeforeTheApplication()
    {
        AuthConfig user = new("ann", PasswordHash.Create("secret"));
        AuthConfig other = new("bob", PasswordHash.Create("other"));
        await using FrontHarness front = await StartAsync(["app"], Of("/*", new AppAction("app")) with { Users = [user, other], Realm = "The \"shop\"" });
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);

        await connection.WriteAsync(Get("/") + Get("/", Basic("ann", "other")));
        RawResponse answer = await connection.ReadResponseAsync();
        Assert.Equal((401, "Basic realm=\"The \\\"shop\\\"\", charset=\"UTF-8\""), (answer.Status, answer["WWW-Authenticate"]));
        Assert.Equal(401, (await connection.ReadResponseAsync()).Status);
        foreach ((string name, string password) in ((string, string)[])[("ann", "secret"), ("bob", "other"), ("ann", "secret")])
        {
            await connection.WriteAsync(Get("/", Basic(name, password)));
            Answer(front.Worker, "in");
            Assert.Equal("in", (await connection.ReadResponseAsync()).Text);
        }
    }

    [Fact]
    public async Task RateLimit_RefusesWhatIsTooMuch()
    {
        await using FrontHarness front = await StartAsync([], Of("/*", new ResponseAction(204)) with { RateLimit = new RateLimit(2, TimeSpan.FromHours(1)) });
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);

        await connection.WriteAsync(Get("/") + Get("/") + Get("/"));
        Assert.Equal(204, (await connection.ReadResponseAsync()).Status);
        Assert.Equal(204, (await connection.ReadResponseAsync()).Status);
        RawResponse refused = await connection.ReadResponseAsync();
        Assert.Equal(429, refused.Status);
        Assert.InRange(int.Parse(refused["Retry-After"]!), 1, 1800);
    }

    [Theory]
    [InlineData("Content-Length: 5\r\n\r\n12345")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n\r\n")]
    public async Task LimitRequestBody_RefusesALongerOne(string body)
    {
        await using FrontHarness front = await FrontHarness.StartAsync(
            ApplicationInterface.Wsgi, configure: config => config with { Routes = [Of("/*", new AppAction("app")) with { LimitRequestBody = 4 }] });
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);

        await connection.WriteAsync($"POST / HTTP/1.1\r\nHost: a\r\n{body}");
        Assert.Equal(413, (await connection.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task Timeout_EndsTheWaitForAResponse()
    {
        await using FrontHarness front = await StartAsync(["app"], Of("/*", new AppAction("app")) with { Timeout = TimeSpan.FromMilliseconds(50) });
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);

        await connection.WriteAsync(Get("/"));
        front.Worker.ReadRequest();
        Assert.Equal(504, (await connection.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task Files_FallThrough_ToTheNextRoute()
    {
        File.WriteAllText(Path.Combine(_folder, "a.txt"), "file");
        await using FrontHarness front = await StartAsync(
            ["app"],
            Of("/*", new FilesAction(new FolderConfig { Folder = _folder }, FallsThrough: true)) with { ResponseFields = [new("x-from", "files")] },
            Of("/*", new AppAction("app")) with { ResponseFields = [new("x-from", "app")] });
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);

        await connection.WriteAsync(Get("/a.txt"));
        RawResponse file = await connection.ReadResponseAsync();
        Assert.Equal(("file", "files"), (file.Text, file["x-from"]));
        foreach (string request in (string[])[Get("/b.txt"), Get("/"), "POST /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"])
        {
            await connection.WriteAsync(request);
            Answer(front.Worker, "app");
            RawResponse answer = await connection.ReadResponseAsync();
            Assert.Equal(("app", "app"), (answer.Text, answer["x-from"]));
        }
    }

    [Fact]
    public async Task Path_ThatOthersMayReadOtherwise_IsRefused()
    {
        await using FrontHarness front = await StartAsync(["app"], Of("/admin/*", new ResponseAction(403)), Of("/*", new AppAction("app")));
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);

        await connection.WriteAsync(Get("//%61dmin//x"));
        Assert.Equal(403, (await connection.ReadResponseAsync()).Status);
        await connection.WriteAsync(Get("/public/..%2fadmin/x"));
        Assert.Equal(400, (await connection.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task Cache_IsForTheRoutesThatHaveIt()
    {
        await using FrontHarness front = await FrontHarness.StartAsync(configure: config => config with
        {
            Cache = new CacheConfig { Size = 1024 * 1024 },
            Routes =
            [
                Of("/kept/*", new AppAction("app")) with { Rewrite = "/*", Cache = new RouteCache(true, TimeSpan.FromHours(1)) },
                Of("/never/*", new AppAction("app")) with { Rewrite = "/*", Cache = new RouteCache(false) },
            ],
        });
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);

        await connection.WriteAsync(Get("/kept/a"));
        Answer(front.Worker, "1");
        Assert.Equal("1", (await connection.ReadResponseAsync()).Text);
        await connection.WriteAsync(Get("/kept/a"));
        Assert.Equal("1", (await connection.ReadResponseAsync()).Text);

        // The same for the application, but not for the client.
        await connection.WriteAsync(Get("/never/a"));
        Answer(front.Worker, "2", ("cache-control", "max-age=60"));
        Assert.Equal("2", (await connection.ReadResponseAsync()).Text);
        await connection.WriteAsync(Get("/never/a"));
        Answer(front.Worker, "3");
        Assert.Equal("3", (await connection.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task Reload_PutsNewRoutesInThePlaceOfTheOldOnes()
    {
        await using FrontHarness front = await StartAsync([], Of("/a", new ResponseAction(200, "old")));
        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync(Get("/a"));
        Assert.Equal("old", (await connection.ReadResponseAsync()).Text);

        ServerConfig wrong = Config([Of("/a", new FilesAction(new FolderConfig { Folder = "/does/not/exist" }))]);
        Assert.False((await front.Server.ReloadAsync(wrong, [])).Succeeded);
        await connection.WriteAsync(Get("/a"));
        Assert.Equal("old", (await connection.ReadResponseAsync()).Text);

        Assert.True((await front.Server.ReloadAsync(Config([Of("/a", new ResponseAction(200, "new"))]), [])).Succeeded);
        await connection.WriteAsync(Get("/a"));
        Assert.Equal("new", (await connection.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task Reloads_InARow_TheLastOneHolds_AndAllAreAnswered()
    {
        await using FrontHarness front = await StartAsync([], Of("/a", new ResponseAction(200, "old")));
        Task<ReloadResult>[] reloads =
        [
            .. Enumerable.Range(1, 20).Select(i => front.Server.ReloadAsync(Config([Of("/a", new ResponseAction(200, $"{i}"))]), [])),
        ];
        ReloadResult[] results = await Task.WhenAll(reloads).WaitAsync(TestContext.Current.CancellationToken);
        Assert.All(results, result => Assert.True(result.Succeeded));

        await using RawConnection connection = await RawConnection.OpenAsync(front.Address);
        await connection.WriteAsync(Get("/a"));
        Assert.Equal("20", (await connection.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task Reload_OfAServerThatStops_IsRefused()
    {
        await using FrontHarness front = await StartAsync([], Of("/a", new ResponseAction(200, "old")));
        Task stop = front.Server.StopAsync(quick: true, TestContext.Current.CancellationToken);
        Assert.Equal("the server is stopping", (await front.Server.ReloadAsync(Config([Of("/a", new ResponseAction(200, "new"))]), [])).Error);
        await stop;
    }

    private static Task<FrontHarness> StartAsync(string[] applications, params RouteConfig[] routes) =>
        FrontHarness.StartAsync(configure: config => config with { Routes = routes }, applications: applications);

    private static ServerConfig Config(IReadOnlyList<RouteConfig> routes)
    {
        Assert.True(BindAddress.TryParse("127.0.0.1:0", out BindAddress? bind, out _));
        return new ServerConfig { Binds = [bind], Routes = routes };
    }

    private static RouteConfig Of(string path, RouteAction action) => new() { Name = path, Match = new RouteMatch { Paths = [path] }, Action = action };

    private static string Get(string target, string fields = "") => $"GET {target} HTTP/1.1\r\nHost: a.test\r\n{fields}\r\n";

    private static string Basic(string name, string password) =>
        $"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}"))}\r\n";

    private static string Answer(FakeWorker worker, string body, params (string, string)[] fields)
    {
        (uint stream, string target) = worker.ReadRequest();
        worker.Respond(stream, 200, fields);
        worker.Write(FrameType.Body, FrameFlags.None, stream, Encoding.ASCII.GetBytes(body));
        worker.End(stream);
        return target;
    }

    private static (string Target, Dictionary<string, string> Fields, uint Stream) ReadRequest(FakeWorker worker)
    {
        (FrameHeader header, byte[] payload) = worker.Read();
        while (header.Type != FrameType.Request)
        {
            (header, payload) = worker.Read();
        }

        Assert.True(RequestHead.TryRead(payload, out RequestHead head));
        Assert.True(worker.TryClaim(head.Slot, header.Stream));
        Dictionary<string, string> fields = [];
        foreach (HeaderBlock.Field field in head.Headers)
        {
            fields[Encoding.ASCII.GetString(field.Name)] = Encoding.ASCII.GetString(field.Value);
        }

        return (Encoding.ASCII.GetString(head.Target), fields, header.Stream);
    }
}
