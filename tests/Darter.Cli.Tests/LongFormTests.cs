using System.Net;
using Darter.Cli.Settings;
using Darter.Server.Configuration;
using Darter.Server.Configuration.Routes;
using Darter.Workers;

namespace Darter.Cli.Tests;

/// <summary>Applications, upstreams, routes and the other tables of darter.toml.</summary>
public class LongFormTests
{
    private const string Whole = """
        bind = ["0.0.0.0:80", "unix:run/darter.sock", "uwsgi://127.0.0.1:3031"]
        workers = 3

        [tls]
        certificates = [{ cert = "shop.pem", key = "shop.key" }, { cert = "api.pem" }]
        min-version = "1.3"

        [apps.shop]
        target = "shop.wsgi:application"
        chdir = "srv/shop"
        workers = 4
        threads = 2
        env = { DEBUG = "0", MODE = "x" }

        [apps.api]
        target = "api:app"
        interface = "asgi"
        request_timeout = "5s"

        [upstreams.search]
        destinations = ["http://10.0.0.1:9000", { address = "unix:run/s.sock", weight = 3 }]
        policy = "least-requests"
        health = { path = "/health", interval = "5s" }
        sticky = { cookie = "node" }

        [cache]
        memory = "256MiB"
        ttl = "10s"
        max_object = "2MiB"

        [[routes]]
        path = "/static/*"
        files = "srv/shop"

        [[routes]]
        host = "search.example.org"
        upstream = "search"
        timeout = "30s"

        [[routes]]
        path = "/old/*"
        redirect = { to = "/new/", status = 301 }

        [[routes]]
        path = "/health"
        method = ["GET", "HEAD"]
        headers = { x-probe = "*" }
        response = { status = 200, body = "ok", headers = { content-type = "text/plain" } }

        [[routes]]
        path = ["/api/*"]
        app = "api"
        mount = "/api"
        rewrite = "/v2/*"
        request_headers = { X-A = "1", X-B = false }
        allow = "10.0.0.0/8"
        deny = ["10.1.0.0/16", "10.2.0.1"]
        rate_limit = "10/m"
        limit_request_body = "1MiB"
        timeout = "3s"
        cache = { ttl = "30s" }

        [[routes]]
        app = "shop"
        """;

    [Theory]
    [InlineData("darter.toml", "")]
    [InlineData("pyproject.toml", "tool.darter.")]
    public async Task File_WithAllTables_IsBound(string name, string prefix)
    {
        using SettingsFixture fixture = new();
        fixture.Write("srv/shop/x", "");
        fixture.Write(name, prefix.Length == 0 ? Whole : $"[tool.darter]\n{Whole.Replace("[apps", "[tool.darter.apps", StringComparison.Ordinal)
            .Replace("[upstreams", "[tool.darter.upstreams", StringComparison.Ordinal).Replace("[[routes", "[[tool.darter.routes", StringComparison.Ordinal)
            .Replace("[tls", "[tool.darter.tls", StringComparison.Ordinal).Replace("[cache]", "[tool.darter.cache]", StringComparison.Ordinal)}");
        LoadedConfig loaded = await fixture.LoadAsync();
        Assert.Empty(loaded.Errors);
        ServerConfig server = loaded.Config!.Server;
        string folder = fixture.Folder.FullName;
        Assert.Equal([$"{folder}/shop.pem", $"{folder}/api.pem"], server.Tls!.Certificates.Select(certificate => certificate.CertificateFile));
        Assert.Equal([$"{folder}/shop.key", $"{folder}/api.pem"], server.Tls.Certificates.Select(certificate => certificate.KeyFile));
        Assert.Equal(System.Security.Authentication.SslProtocols.Tls13, server.Tls.Oldest);
        Assert.Equal((256 << 20, 10, 2 << 20), (server.Cache.Size, server.Cache.Ttl.TotalSeconds, server.Cache.MaxObject));

        Assert.Equal(["shop", "api"], loaded.Config.Apps.Select(app => app.Name));
        WorkerPoolConfig shop = loaded.Config.Apps[0].Workers, api = loaded.Config.Apps[1].Workers;
        Assert.Equal(("shop.wsgi:application", 4, 2, $"{folder}/srv/shop"), (shop.Target, shop.Workers, shop.Threads, shop.WorkingDirectory));
        Assert.Equal("0", shop.Environment["DEBUG"]);
        Assert.Equal(("api:app", 3, "asgi", 5), (api.Target, api.Workers, api.Interface, api.RequestTimeout.TotalSeconds));

        UpstreamConfig search = server.Upstreams["search"];
        Assert.Equal([("http://10.0.0.1:9000", 1), ($"unix:{folder}/run/s.sock", 3)], search.Destinations.Select(destination => (destination.Address, destination.Weight)));
        Assert.Equal((UpstreamPolicy.LeastRequests, "/health", "node"), (search.Policy, search.Health!.Path, search.Sticky!.Cookie));

        Assert.Equal(6, server.Routes.Count);
        FilesAction files = Assert.IsType<FilesAction>(server.Routes[0].Action);
        Assert.Equal(($"{folder}/srv/shop", "/static"), (files.Folder.Folder, files.Folder.Prefix));
        Assert.Equal(["search.example.org"], server.Routes[1].Match.Hosts);
        Assert.Equal(TimeSpan.FromSeconds(30), server.Routes[1].Timeout);
        Assert.Equal(new RedirectAction("/new/", 301), server.Routes[2].Action);
        ResponseAction response = Assert.IsType<ResponseAction>(server.Routes[3].Action);
        Assert.Equal((200, "ok"), (response.Status, response.Body));
        Assert.Equal(["GET", "HEAD"], server.Routes[3].Match.Methods);
        Assert.Equal("x-probe", Assert.Single(server.Routes[3].Match.Fields).Key);
        RouteConfig route = server.Routes[4];
        Assert.Equal(new AppAction("api", "/api"), route.Action);
        Assert.Equal("/v2/*", route.Rewrite);
        Assert.Equal([new FieldChange("X-A", "1"), new FieldChange("X-B", null)], route.RequestFields);
        Assert.True(route.Allow!.Contains(IPAddress.Parse("10.3.0.1")) && !route.Allow.Contains(IPAddress.Parse("11.0.0.1")));
        Assert.True(route.Deny!.Contains(IPAddress.Parse("10.1.2.3")));
        Assert.Equal(new RateLimit(10, TimeSpan.FromMinutes(1)), route.RateLimit);
        Assert.Equal((1 << 20, TimeSpan.FromSeconds(3), new RouteCache(true, TimeSpan.FromSeconds(30))), (route.LimitRequestBody, route.Timeout, route.Cache));
        Assert.Equal(new AppAction("shop"), server.Routes[5].Action);
        Assert.StartsWith($"{name}:", server.Routes[5].Name, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[[routes]]\nresponse = 200\npth = '/'", "c.toml:3: routes.pth: there is no such key; did you mean path?")]
    [InlineData("[[routes]]\npath = '/'", "c.toml:1: routes: says not who answers: one of app, files, upstream, redirect, response")]
    [InlineData("[[routes]]\nresponse = 200\nredirect = '/x'", "c.toml:1: routes: says twice who answers: redirect and response")]
    [InlineData("[[routes]]\nupstream = 'serch'\n[upstreams.search]\ndestinations = ['http://a']", "c.toml:2: routes.upstream: there is no [upstreams.serch]; did you mean search?")]
    [InlineData("[[routes]]\napp = 'shp'\n[apps.shop]\ntarget = 'x'", "c.toml:2: routes.app: there is no [apps.shp]; did you mean shop?")]
    [InlineData("target = 'x'\n[[routes]]\napp = 'shop'", "c.toml:3: routes.app: there is no [apps.shop]; the application that 'target' names is 'app'")]
    [InlineData("[[routes]]\nresponse = true", "c.toml:2: routes.response: must be a whole number or a table, not true")]
    [InlineData("[[routes]]\nresponse = 99", "c.toml:2: routes.response: must be from 200 to 599, not 99")]
    [InlineData("[[routes]]\nresponse = { status = 204, body = 'x' }", "c.toml:2: routes.response.body: an answer with the status 204 has none")]
    [InlineData("[[routes]]\nresponse = 200\ntimeout = 5", "c.toml:3: routes.timeout: is for applications and upstreams only")]
    [InlineData("[[routes]]\nresponse = 200\ncache = true", "c.toml:3: routes.cache: is for applications and upstreams only")]
    [InlineData("[upstreams.u]\ndestinations = ['http://a']\n[[routes]]\nupstream = 'u'\nmount = '/a'", "c.toml:5: routes.mount: is for applications only")]
    [InlineData("[[routes]]\nresponse = 200\ntimeout = 'soon'", "c.toml:3: routes.timeout: must be a duration such as 250ms, 5s or 1m, or a number of seconds, not 'soon'")]
    [InlineData("[[routes]]\nresponse = 200\nlimit_request_body = -1", "c.toml:3: routes.limit_request_body: must be a size such as 64KiB or 10MiB, or a number of bytes, not -1")]
    [InlineData("[[routes]]\nfiles = 'nowhere'", "c.toml:2: routes.files: there is no folder '")]
    [InlineData("[[routes]]\nredirect = 'elsewhere'", "c.toml:2: routes.redirect: must lead to a path or to an address")]
    [InlineData("[[routes]]\nredirect = { to = '/', status = 305 }", "c.toml:2: routes.redirect: the status must be 301, 302, 303, 307 or 308, not 305")]
    [InlineData("[[routes]]\nresponse = 200\nsource = '10.0.0.1/8'", "c.toml:3: routes.source: '10.0.0.1/8' is neither an address nor a network")]
    [InlineData("[[routes]]\nresponse = 200\nhost = 'http://a'", "c.toml:3: routes.host: 'http://a' is not a host without scheme and port")]
    [InlineData("[[routes]]\nresponse = 200\nresponse_headers = { 'a b' = '1' }", "c.toml:3: routes.response_headers: 'a b' is no name of a header field")]
    [InlineData("[[routes]]\nresponse = 200\nauth = { users = { me = 'secret' } }", "c.toml:3: routes.auth.users: me has no hash")]
    [InlineData("[[routes]]\nresponse = 200\nrate_limit = 'many'", "c.toml:3: routes.rate_limit: must be a number of requests in a time, such as 10/s or 100/m, not 'many'")]
    [InlineData("[[routes]]\nfiles = \"a\\u0000b\"", "c.toml:2: a text must not have a null character")]
    [InlineData("[[routes]]\nresponse = 200\npath = '~^/(a'", "c.toml:3: routes.path: '~^/(a' is not a regular expression that can be used: Invalid pattern")]
    [InlineData("[[routes]]\nresponse = 200\nhost = ['a', '~(a)\\1']", "c.toml:3: routes.host: '~(a)\\1' is not a regular expression that can be used: it cannot be matched in a time that is bounded")]
    [InlineData("[[routes]]\npath = '~^/(a)'\nredirect = '/{2}/{1}'", "c.toml:3: routes.redirect: {2}: not every regular expression of the route has a group 2")]
    [InlineData("[[routes]]\npath = ['~^/(?<id>a)', '/b']\nresponse = 200\nrewrite = '/{id}'", "c.toml:4: routes.rewrite: {id}: not every regular expression of the route has a group id")]
    [InlineData("[[routes]]\npath = '~^/(?<uri>a)'\nredirect = '/{uri}'", "c.toml:2: routes.path: a group must not be named uri")]
    [InlineData("bind = ['https://:443']\n[[routes]]\nresponse = 200", "c.toml:1: bind: 'https://:443' needs a certificate: --certfile or --acme-domain")]
    [InlineData("bind = 'http://:80'\n[tls]\ncertificates = { cert = 'x' }\n[[routes]]\nresponse = 200", "c.toml:1: bind: there is a certificate, and no address speaks https")]
    [InlineData("bind = 'http://:80'\n[tls]\ncertificates = { cert = 'x' }\nredirect_http = ':81'\n[[routes]]\nresponse = 200", "c.toml:4: tls.redirect_http: no address of --bind speaks https")]
    [InlineData("routes = 5", "c.toml:1: routes: must be tables, [[routes]], not 5")]
    [InlineData("[upstreams.x]\npolicy = 'random'", "c.toml:1: upstreams.x: destinations is missing")]
    [InlineData("[upstreams.x]\ndestinations = []", "c.toml:2: upstreams.x.destinations: must not be empty")]
    [InlineData("[upstreams.x]\ndestinations = ['http://a', 'http://a:80/']", "c.toml:2: destinations: 'http://a:80/' is there twice")]
    [InlineData("[upstreams.x]\ndestinations = ['ftp://a']", "c.toml:2: destinations: 'ftp://a' is not a destination")]
    [InlineData("[upstreams.x]\ndestinations = ['http://a']\npolicy = 'least-request'", "c.toml:3: upstreams.x.policy: must be power-of-two, round-robin, random or least-requests, not 'least-request'; did you mean least-requests?")]
    [InlineData("[upstreams.'a b']\ndestinations = ['http://a']", "c.toml:1: upstreams: 'a b' is no name")]
    [InlineData("[apps.x]\nworkers = 2", "c.toml:1: apps.x: target is missing")]
    [InlineData("[apps.x]\ntarget = 'x'\nworkers = 0", "c.toml:3: apps.x.workers: must be at least 1, not 0")]
    [InlineData("[apps.x]\ntarget = 'x'\nworker = 2", "c.toml:3: apps.x.worker: there is no such key; did you mean workers?")]
    [InlineData("[apps.x]\ntarget = 'x'\nbind = ':80'", "c.toml:3: apps.x.bind: is a setting of the server as a whole")]
    [InlineData("[apps.x]\ntarget = 'x'\nchdir = 'nowhere'", "c.toml:3: apps.x.chdir: there is no folder '")]
    [InlineData("target = 'y'\n[apps.x]\ntarget = 'x'", "c.toml:1: target: the applications are those of c.toml:2, [apps.x]")]
    [InlineData("[cache]\nmemry = '1MiB'", "c.toml:2: cache.memry: there is no such key; did you mean memory?")]
    [InlineData("[cache]\nmemory = 5", "c.toml:2: cache.memory: must be at least 65536 bytes")]
    [InlineData("[tls]\ncertificates = [{ key = 'x' }]", "c.toml:2: tls.certificates: cert is missing")]
    [InlineData("certfile = 'x'\n[tls]\ncertificates = { cert = 'x' }", "c.toml:3: tls.certificates: is set at line 1 already, as certfile")]
    [InlineData("[tls]\nacme = 'me@example.org'", "c.toml:2: tls.acme: no route names a host")]
    [InlineData("[tls]\nmin_version = '1.1'", "c.toml:2: tls.min_version: must be 1.2 or 1.3, not '1.1'")]
    public async Task File_WithAMistake_IsReportedWithTheLine(string text, string expected)
    {
        using SettingsFixture fixture = new();
        fixture.Write("c.toml", text);
        LoadedConfig loaded = await fixture.LoadAsync("-c", "c.toml");
        Assert.Null(loaded.Config);
        Assert.StartsWith(expected, Assert.Single(loaded.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_WithManyMistakes_IsReportedAsAWhole()
    {
        using SettingsFixture fixture = new();
        fixture.Write("c.toml", "wokers = 2\n[apps.a]\ntarget = 'x'\nthreads = 0\n[upstreams.u]\n[[routes]]\npath = 5\n[[routes]]\napp = 'b'\n");
        LoadedConfig loaded = await fixture.LoadAsync("-c", "c.toml");
        Assert.Equal(["c.toml:1", "c.toml:4", "c.toml:5", "c.toml:7", "c.toml:9"], loaded.Errors.Select(error => error.Split(": ")[0]).Order());
    }

    [Fact]
    public async Task Routes_WithRegularExpressions_AreTaken()
    {
        using SettingsFixture fixture = new();
        fixture.Environment["DARTER_PYTHON"] = "/nowhere";
        fixture.Write("c.toml", "[[routes]]\nhost = '~^(?<shop>[a-z]+)\\.example\\.org$'\npath = ['~*^/u/(\\d+)$', '~^/user/(\\d+)$']\nredirect = 'https://{shop}.test/{1}?{host}'\n");
        LoadedConfig loaded = await fixture.LoadAsync("-c", "c.toml");
        Assert.Empty(loaded.Errors);
        Assert.Equal(["~*^/u/(\\d+)$", "~^/user/(\\d+)$"], Assert.Single(loaded.Config!.Server.Routes).Match.Paths);
    }

    [Fact]
    public async Task File_WithRoutesAlone_NeedsNoApplication()
    {
        using SettingsFixture fixture = new();
        fixture.Environment["DARTER_PYTHON"] = "/nowhere";
        fixture.Write("c.toml", "[[routes]]\npath = '/x'\nredirect = 'https://{host}{uri}'\n");
        LoadedConfig loaded = await fixture.LoadAsync("-c", "c.toml");
        Assert.Empty(loaded.Errors);
        Assert.Empty(loaded.Config!.Apps);
        Assert.Equal(new RedirectAction("https://{host}{uri}"), Assert.Single(loaded.Config.Server.Routes).Action);
    }

    [Theory]
    [InlineData("target = 'x'\n[[routes]]\npath = '/x'\nresponse = 200")]
    [InlineData("[[routes]]\npath = '/x'\napp = 'app'")]
    public async Task File_WithRoutesAndATarget_HasOneApplication(string text)
    {
        using SettingsFixture fixture = new();
        fixture.Write("c.toml", text);
        LoadedConfig loaded = await fixture.LoadAsync("-c", "c.toml");
        Assert.Empty(loaded.Errors);
        Assert.Equal("app", Assert.Single(loaded.Config!.Apps).Name);
    }

    [Fact]
    public async Task Flags_OverruleEveryApplication()
    {
        using SettingsFixture fixture = new();
        fixture.Environment["DARTER_TIMEOUT"] = "7";
        fixture.Write("c.toml", "threads = 5\n[apps.a]\ntarget = 'x'\nworkers = 2\ntimeout = 9\n[apps.b]\ntarget = 'y'\n[[routes]]\npath = '/b/*'\napp = 'b'");
        LoadedConfig loaded = await fixture.LoadAsync("-c", "c.toml", "-w", "6");
        Assert.Empty(loaded.Errors);
        Assert.All(loaded.Config!.Apps, app => Assert.Equal((6, 5, 7), (app.Workers.Workers, app.Workers.Threads, app.Workers.Timeout.TotalSeconds)));
        Assert.Equal("c.toml:2: no route leads to [apps.a], which has no requests then", Assert.Single(loaded.Notices));
    }

    [Fact]
    public async Task Acme_WithAnAddressAlone_IsForTheHostsOfTheRoutes()
    {
        using SettingsFixture fixture = new();
        fixture.Write("c.toml", "[tls]\nacme = 'me@example.org'\n[[routes]]\nhost = ['a.example.org', '*.example.org', '127.0.0.1']\nresponse = 200\n[[routes]]\nhost = 'a.example.org'\nresponse = 201");
        LoadedConfig loaded = await fixture.LoadAsync("-c", "c.toml");
        Assert.Empty(loaded.Errors);
        Assert.Equal(["a.example.org"], loaded.Config!.Server.Tls!.Acme!.Domains);
        Assert.Equal("me@example.org", loaded.Config.Server.Tls.Acme.Email);
    }
}
