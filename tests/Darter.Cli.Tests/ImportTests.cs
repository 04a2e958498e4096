using Darter.Cli.Importing;
using Darter.Cli.Settings;
using Darter.Cli.Settings.Files;
using Darter.Cli.Settings.Toml;
using Darter.Server.Configuration;
using Darter.Server.Configuration.Routes;
using Darter.Testing;

namespace Darter.Cli.Tests;

/// <summary>Other servers' configurations as darter.toml.</summary>
public class ImportTests
{
    private const string Uwsgi = """
        [other]
        socket = :1
        [uwsgi]
        base = FOLDER
        chdir = %(base)
        module = shop.wsgi:application
        http-socket = 127.0.0.1:8001
        socket = %(base)/shop.sock
        chmod-socket = 660
        processes = 4
        threads = 2
        master = true
        harakiri = 20
        max-requests = 1000
        reload-on-rss = 512
        env = DJANGO_SETTINGS_MODULE=shop.settings
        env = B=2
        static-map = /static=FOLDER
        ; a comment
        cheaper = 2
        if-env = X
        endif =
        route = ^/x break:403
        """;

    private const string Unit = """
        {
          "listeners": { "*:8080": { "pass": "routes" }, "127.0.0.1:8081": { "pass": "applications/api" } },
          "routes": [
            { "match": { "uri": "/static/*" }, "action": { "share": "FOLDER$uri", "fallback": { "pass": "applications/shop/main" } } },
            { "match": { "host": ["a.example.org", "b.example.org"], "method": "GET" }, "action": { "pass": "upstreams/rr" } },
            { "match": { "uri": "~^/x" }, "action": { "return": 404 } },
            { "match": { "uri": "/old/*" }, "action": { "return": 301, "location": "https://$host$request_uri" } },
            { "action": { "pass": "applications/api" } }
          ],
          "applications": {
            "shop": { "type": "python 3", "path": "FOLDER", "processes": { "max": 4, "spare": 1 }, "threads": 3, "targets": { "main": { "module": "shop.wsgi" } } },
            "api": { "type": "python", "module": "api", "callable": "make", "factory": true, "protocol": "asgi", "working_directory": "FOLDER", "environment": { "A": "1" }, "limits": { "timeout": 10, "requests": 500 }, "user": "www" },
            "old": { "type": "php" }
          },
          "upstreams": { "rr": { "servers": { "10.0.0.1:80": {}, "10.0.0.2:80": { "weight": 2 } } } },
          "settings": { "http": { "max_body_size": 8388608, "send_timeout": 10 } },
          "access_log": "/var/log/unit.log"
        }
        """;

    private const string Nginx = """
        limit_req_zone $binary_remote_addr zone=one:10m rate=10r/s;
        upstream backend { least_conn; server 10.0.0.1:8000 weight=3; server 10.0.0.2:8000; keepalive 16; }
        server {
            listen 80;
            server_name example.org www.example.org;
            return 301 https://$host$request_uri;
        }
        server {
            listen 443 ssl http2;
            server_name example.org .example.com;
            ssl_certificate /etc/ssl/a.pem;
            ssl_certificate_key /etc/ssl/a.key;
            ssl_protocols TLSv1.2 TLSv1.3;
            client_max_body_size 10m;
            add_header X-Frame-Options DENY;
            root FOLDER;
            gzip on;
            location = /health { return 200 "ok"; }
            location /static/ { alias FOLDER/; expires 30d; }
            location ~* \.(png|jpg)$ { autoindex on; }
            location ~ ^/(a|b)/x { return 404; }
            location /api/ { proxy_pass http://backend/v1/; proxy_set_header Host $host; proxy_set_header X-A "b"; limit_req zone=one burst=5; }
            location /admin/ { allow 10.0.0.0/8; deny all; proxy_pass http://127.0.0.1:9000; }
            location /secret/ { auth_basic "Secret"; auth_basic_user_file /etc/p; proxy_pass http://127.0.0.1:9000; }
            location /old/ { rewrite ^/old/(.*)$ /new/$1 permanent; }
            location / { try_files $uri $uri/ @app; }
            location @app { include uwsgi_params; uwsgi_pass unix:/run/shop.sock; }
        }
        """;

    [Fact]
    public void Uwsgi_File_IsImported()
    {
        using SettingsFixture fixture = new();
        (LoadedConfig loaded, ImportResult result) = Load(fixture, ImportKind.Uwsgi, Uwsgi);
        Assert.Equal(["127.0.0.1:8001", $"uwsgi:unix:{fixture.Folder.FullName}/shop.sock?mode=660"], loaded.Config!.Server.Binds.Select(bind => bind.Text));
        Workers.WorkerPoolConfig workers = Assert.Single(loaded.Config.Apps).Workers;
        Assert.Equal(("shop.wsgi:application", 4, 2, 20, 1000, 512L << 20), (workers.Target, workers.Workers, workers.Threads, workers.RequestTimeout.TotalSeconds, workers.MaxRequests, workers.MaxMemory));
        Assert.Equal("shop.settings", workers.Environment["DJANGO_SETTINGS_MODULE"]);
        Assert.Equal("/static", Assert.Single(loaded.Config.Server.Folders).Prefix);
        Assert.Equal(["f:4", "f:12", "f:20", "f:21", "f:22", "f:23"], Places(result));
    }

    [Fact]
    public void Unit_File_IsImported()
    {
        using SettingsFixture fixture = new();
        (LoadedConfig loaded, ImportResult result) = Load(fixture, ImportKind.Unit, Unit);
        Assert.Equal(["0.0.0.0:8080", "127.0.0.1:8081"], loaded.Config!.Server.Binds.Select(bind => bind.Text));
        Assert.Equal(["shop-main", "api"], loaded.Config.Apps.Select(app => app.Name));
        Assert.Equal(("shop.wsgi:application", 4, 3), (loaded.Config.Apps[0].Workers.Target, loaded.Config.Apps[0].Workers.Workers, loaded.Config.Apps[0].Workers.Threads));
        Assert.Equal(("api:make()", "asgi", 500), (loaded.Config.Apps[1].Workers.Target, loaded.Config.Apps[1].Workers.Interface, loaded.Config.Apps[1].Workers.MaxRequests));
        Assert.Equal(
            [
                "/static/*: files, else", "/static/*: app shop-main", "GET a.example.org|b.example.org: upstream rr", "/old/*: 301 to https://{host}{uri}", "all: app api",
            ],
            Routes(loaded));
        Assert.Equal(["f:2", "f:6", "f:11", "f:12", "f:13", "f:16"], Places(result).Distinct());
    }

    [Fact]
    public void Nginx_Site_IsImported()
    {
        using SettingsFixture fixture = new();
        (LoadedConfig loaded, ImportResult result) = Load(fixture, ImportKind.Nginx, Nginx);
        ServerConfig server = loaded.Config!.Server;
        Assert.Equal(["0.0.0.0:443"], server.Binds.Select(bind => bind.Text));
        Assert.Equal(["0.0.0.0:80"], server.RedirectBinds.Select(bind => bind.Text));
        Assert.Equal("/etc/ssl/a.pem", Assert.Single(server.Tls!.Certificates).CertificateFile);
        Assert.NotNull(server.Compression);
        Assert.Equal((UpstreamPolicy.LeastRequests, 3), (server.Upstreams["backend"].Policy, server.Upstreams["backend"].Destinations[0].Weight));
        const string Host = "example.org|example.com|*.example.com";
        Assert.Equal(
            [
                $"{Host} /health: 200", $"{Host} *.png|*.jpg: files", $"{Host} ~^/(a|b)/x: 404", $"{Host} /static/*: files", $"{Host} /secret/*: upstream 127.0.0.1-9000", $"{Host} /admin/*: upstream 127.0.0.1-9000",
                $"{Host} /api/*: upstream backend", $"{Host} /old/*: 301 to /new/*", $"{Host} /old/*: files", $"{Host}: files, else", $"{Host}: app shop",
            ],
            Routes(loaded));
        RouteConfig api = server.Routes[6];
        Assert.Equal(("/v1/*", 10L << 20, new RateLimit(10, TimeSpan.FromSeconds(1), 6)), (api.Rewrite, api.LimitRequestBody, api.RateLimit));
        Assert.Equal(new FieldChange("X-A", "b"), Assert.Single(api.RequestFields));
        Assert.Equal(new FieldChange("X-Frame-Options", "DENY"), Assert.Single(api.ResponseFields));
        Assert.True(server.Routes[4].Deny!.TrustsAll);
        Assert.False(server.Routes[5].Allow!.Contains(System.Net.IPAddress.Parse("11.0.0.1")));
        Assert.Equal(new FieldChange("Cache-Control", "max-age=2592000"), server.Routes[3].ResponseFields[^1]);
        Assert.Contains("f:24", Places(result));
    }

    [Fact]
    public void Nginx_RegularExpressions_AreTaken()
    {
        using SettingsFixture fixture = new();
        (LoadedConfig loaded, ImportResult result) = Load(fixture, ImportKind.Nginx, """
            server {
                listen 80;
                location ~ ^/user/(?P<id>\d+)$ { proxy_pass http://10.0.0.1/u/$id$is_args$args; }
                location ~* ^/(a|b)/x { return 404; }
                location ~ ^/old/(\w+)/(\d+)$ { return 301 /new/$2/$1; }
                location ~ (?=x)y { return 404; }
                location /old2/ { rewrite ^/old2/(\d+)/(\d+)$ https://$host/$2/$1 permanent; return 404; }
                location / { return 200; }
            }
            """);
        Assert.Equal(
            ["~^/user/(?<id>\\d+)$: upstream 10.0.0.1", "~*^/(a|b)/x: 404", "~^/old/(\\w+)/(\\d+)$: 301 to /new/{2}/{1}", "~^/old2/(\\d+)/(\\d+)$: 301 to https://{host}/{2}/{1}", "/old2/*: 404", "all: 200"],
            Routes(loaded));
        Assert.Equal("/u/{id}", loaded.Config!.Server.Routes[0].Rewrite);
        Assert.Equal(["f:6"], Places(result));
    }

    [Fact]
    public void Nginx_LocationsInLocations_AreRoutesBeforeTheirs_AndInherit()
    {
        using SettingsFixture fixture = new();
        (LoadedConfig loaded, ImportResult result) = Load(fixture, ImportKind.Nginx, """
            server {
                listen 80;
                client_max_body_size 1m;
                location /app/ {
                    allow 10.0.0.0/8;
                    deny all;
                    proxy_pass http://10.0.0.1;
                    location /app/open/ { allow all; return 200; }
                    location ~ \.php$ { return 403; }
                    location ~ ^/app/(\d+)$ { return 301 /x/$1; }
                    location ~ ^/other/(\d+)$ { return 200; }
                    location = /app/ { client_max_body_size 2m; return 201; }
                }
                location / { return 404; }
            }
            """);
        Assert.Equal(
            ["/app/: 201", "/app/*.php: 403", "~^/app/(\\d+)$: 301 to /x/{1}", "/app/open/*: 200", "/app/*: upstream 10.0.0.1", "all: 404"], Routes(loaded));
        IReadOnlyList<RouteConfig> routes = loaded.Config!.Server.Routes;
        Assert.Equal([true, true, true, false, true, false], routes.Select(route => route.Allow is not null));
        Assert.Equal([2L << 20, 1L << 20], routes.Take(2).Select(route => route.LimitRequestBody));
        Assert.Equal(["f:11"], Places(result));
    }

    [Fact]
    public void Nginx_Includes_AreFollowed()
    {
        using SettingsFixture fixture = new();
        fixture.Write("nginx.conf", "");
        fixture.Folder.CreateSubdirectory("conf.d");
        fixture.Folder.CreateSubdirectory("sites");
        fixture.Write("snippet.conf", "location /x/ { return 200; include snippet.conf; }\nset $a b;\n");
        fixture.Write("conf.d/b.conf", "location /b { return 201; }");
        fixture.Write("conf.d/a.conf", "location /a { return 202; }");
        fixture.Write("conf.d/.c.conf", "location /c { return 203; }");
        const string Text = "server {\n listen 80;\n include snippet.conf;\n include conf.d/*.conf;\n include none/*.conf;\n include nothing.conf;\n location / { include uwsgi_params; return 404; }\n}";
        ImportResult result = ImportKinds.Import(ImportKind.Nginx, Text, Path.Combine(fixture.Folder.FullName, "sites", "f"), "f");
        LoadedConfig loaded = Check(fixture, result);
        Assert.Empty(loaded.Errors);
        Assert.Equal(["/x/*: 200", "/a*: 202", "/b*: 201", "all: 404"], Routes(loaded));
        string snippet = Path.Combine(fixture.Folder.FullName, "snippet.conf");
        Assert.Equal(["f:6", "f:7", $"{snippet}:1", $"{snippet}:2"], result.Notes.Select(note => note.Split(": ")[0]).Order(StringComparer.Ordinal).OrderBy(place => place.Length));
    }

    [Theory]
    [InlineData("on", "on", "Required", false)]
    [InlineData("optional", "optional", "Optional", false)]
    [InlineData("off", "off", "None", false)]
    [InlineData("on", "off", "None", true)]
    [InlineData("optional_no_ca", "optional_no_ca", "None", true)]
    public void Nginx_ClientCertificates_AreTakenIfTheyAreTheSameForAll(string one, string two, string expected, bool closed)
    {
        using SettingsFixture fixture = new();
        string server = "server { listen 443 ssl; ssl_certificate /a.pem; ssl_client_certificate /ca.pem; ssl_verify_client VERIFY; location / { allow all; return 200; } }\n";
        (LoadedConfig loaded, ImportResult result) = Load(
            fixture, ImportKind.Nginx, server.Replace("VERIFY", one, StringComparison.Ordinal) + server.Replace("VERIFY", two, StringComparison.Ordinal).Replace("443", "444", StringComparison.Ordinal));
        Assert.Equal(expected, $"{loaded.Config!.Server.Tls!.ClientCertificates}");
        Assert.Equal(expected == "None" ? null : "/ca.pem", loaded.Config.Server.Tls.ClientAuthorityFile);
        Assert.Equal(closed, loaded.Config.Server.Routes[0].Deny?.TrustsAll == true);
        Assert.Equal(closed, result.Notes.Any());
    }

    [Fact]
    public void Nginx_HttpBesideHttps_StaysHttp()
    {
        using SettingsFixture fixture = new();
        (LoadedConfig loaded, _) = Load(
            fixture, ImportKind.Nginx, "server { listen 80; listen 443 ssl; ssl_certificate /a.pem; location / { return 200; } }");
        Assert.Equal(["http://0.0.0.0:80", "0.0.0.0:443"], loaded.Config!.Server.Binds.Select(bind => bind.Text));
    }

    [Fact]
    public async Task Gunicorn_File_IsImported()
    {
        using SettingsFixture fixture = new();
        fixture.Write("gunicorn.conf.py", "bind = ['127.0.0.1:8001']\nworkers = 1 + 2\nkeepalive = 5\nworker_class = 'gevent'\nspew = True\nloglevel = 'WARNING'\ndef post_fork(server, worker):\n    pass\n");
        ConfigFileReference reference = new(ConfigFileKind.Python, Path.Combine(fixture.Folder.FullName, "gunicorn.conf.py"), "f");
        Findings findings = new();
        ConfigFile file = await new PythonConfigFile(PythonInterpreters.Default.Path, fixture.Folder.FullName).ReadAsync(reference, findings, _ => { }, TestContext.Current.CancellationToken);
        Assert.Empty(findings.Errors);
        ImportResult result = GunicornImport.Import(file, reference, SchemaTests.Table);
        LoadedConfig loaded = Check(fixture, result);
        Assert.Empty(loaded.Errors);
        Assert.Equal((3, 5), (loaded.Config!.Workers.Workers, loaded.Config.Server.KeepAlive.TotalSeconds));
        Assert.Contains(result.Notes, note => note.StartsWith("f:5: spew: ", StringComparison.Ordinal));
        Assert.Contains(result.Notes, note => note.StartsWith("f:7: post_fork: ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("x.py", "", "gunicorn")]
    [InlineData("x.ini", "", "uwsgi")]
    [InlineData("x.json", "", "unit")]
    [InlineData("x", " { }", "unit")]
    [InlineData("x", "# x\n[uwsgi]\n", "uwsgi")]
    [InlineData("shop.conf", "server { listen 80; }", "nginx")]
    [InlineData("x.conf", "hello", null)]
    public void Kind_IsToldByNameOrContent(string name, string text, string? expected) =>
        Assert.Equal(expected, ImportKinds.Guess(name, text)?.ToString().ToLowerInvariant());

    [Theory]
    [InlineData("nginx", "server {", "f:1: the block does not end")]
    [InlineData("nginx", "a b\n}", "f:2: '}' stands where 'a' should end with a semicolon")]
    [InlineData("nginx", "a 'b;", "f:1: a quotation does not end")]
    [InlineData("unit", "{\n\"a\": ]}", "f:2: is no JSON: ")]
    [InlineData("unit", "[]", "f:1: is no configuration of NGINX Unit")]
    public void File_ThatCannotBeRead_IsReportedWithTheLine(string kind, string text, string expected)
    {
        ImportException exception = Assert.Throws<ImportException>(() => ImportKinds.Import(ImportKinds.Of(kind), text, "/f", "f"));
        Assert.StartsWith(expected, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("uwsgi", Uwsgi)]
    [InlineData("unit", Unit)]
    [InlineData("nginx", Nginx)]
    public void File_ThatIsDamaged_IsImportedOrRefused(string kind, string text)
    {
        using SettingsFixture fixture = new();
        string whole = text.Replace("FOLDER", fixture.Folder.FullName, StringComparison.Ordinal);
        string[] pieces = ["\"", "'", "{", "}", ";", "\n", "=", "$", "*", "%(", "\\", "#", "\0", "[", "]", ",", ":", "/", "-1", "99999999999", "ü", "true", " "];
        int rounds = int.TryParse(Environment.GetEnvironmentVariable("DARTER_TEST_ROUNDS"), out int many) ? many : 200;
        for (int seed = 0; seed < rounds; seed++)
        {
            Random random = new(seed);
            string damaged = whole;
            for (int change = random.Next(1, 5); change > 0; change--)
            {
                int start = random.Next(damaged.Length + 1);
                int end = Math.Min(damaged.Length, start + random.Next(30));
                damaged = string.Concat(damaged.AsSpan(0, start), pieces[random.Next(pieces.Length)], damaged.AsSpan(end));
            }

            try
            {
                ImportResult result = ImportKinds.Import(ImportKinds.Of(kind), damaged, $"{fixture.Folder.FullName}/f", "f");
                Assert.True(TomlTree.Parse(result.Write(), "t").Errors.Count == 0, $"seed {seed}: {result.Write()}");

                // What does not exist here may be named, but no key that is none.
                Assert.DoesNotContain(Check(fixture, result).Errors, error => error.Contains("there is no such", StringComparison.Ordinal));
            }
            catch (ImportException exception)
            {
                Assert.StartsWith("f:", exception.Message, StringComparison.Ordinal);
            }
        }
    }

    private static (LoadedConfig Loaded, ImportResult Result) Load(SettingsFixture fixture, ImportKind kind, string text)
    {
        string whole = text.Replace("FOLDER", fixture.Folder.FullName, StringComparison.Ordinal);
        ImportResult result = ImportKinds.Import(kind, whole, Path.Combine(fixture.Folder.FullName, "f"), "f");
        LoadedConfig loaded = Check(fixture, result);
        Assert.Empty(loaded.Errors);
        return (loaded, result);
    }

    private static LoadedConfig Check(SettingsFixture fixture, ImportResult result) =>
        new RunConfigLoader(new LaunchContext([], new Dictionary<string, string>(), fixture.Folder.FullName))
            .Check(result.Write(), new ConfigFileReference(ConfigFileKind.Toml, Path.Combine(fixture.Folder.FullName, "darter.toml"), "darter.toml"));

    private static IEnumerable<string> Places(ImportResult result) => result.Notes
        .Select(note => note.Split(": ")[0])
        .OrderBy(place => int.Parse(place.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture));

    private static IEnumerable<string> Routes(LoadedConfig loaded) => loaded.Config!.Server.Routes.Select(route =>
        $"{RouteReport.MatchOf(route.Match)}: {(route.Action is FilesAction files ? files.FallsThrough ? "files, else" : "files" : RouteReport.ActionOf(route.Action))}");
}
