using System.Security.Cryptography;
using System.Text.Json;

namespace Darter.Integration.Tests.Protocols;

/// <summary>Applications behind real web servers, over each gateway protocol.</summary>
public class WebServerTests(ServerPool pool) : ServerTest(pool)
{
    private const int BodySize = 3 * 1024 * 1024;

    private static readonly string Sockets = MakeFolder();

    /// <summary>Web server, protocol, interface; over TCP and over Unix sockets in turn.</summary>
    public static TheoryData<string, string, string, bool> Ways
    {
        get
        {
            TheoryData<string, string, string, bool> rows = [];
            foreach (string protocol in (string[])["uwsgi", "fastcgi", "scgi"])
            {
                rows.Add("nginx", protocol, "wsgi", false);
                rows.Add("nginx", protocol, "asgi", true);
                rows.Add("apache", protocol, "wsgi", true);
                rows.Add("apache", protocol, "asgi", false);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Application_BehindAWebServer_HasRequestsBodiesAndStreams(string name, string protocol, string kind, bool overUnix)
    {
        DarterServer server = await ShareAsync(kind);
        await using WebServer web = await WebServer.StartAsync(name, protocol, AddressOf(server, protocol, overUnix));
        using HttpClient client = ServerClient.Create(web.Address, HttpProtocol.Http1);
        client.DefaultRequestHeaders.Add("X-Own-Field", "value 1");

        await SeesTheRequestAsync(client, name, protocol, kind);
        await GetsTheBodyAsync(client);
        await StreamsAsync(client);
        await HearsThatTheClientLeftAsync(client);
    }

    private static async Task SeesTheRequestAsync(HttpClient client, string name, string protocol, string kind)
    {
        using HttpResponseMessage response = await client.GetAsync("/m/a%20b/environ?q=%20x&y", TestContext.Current.CancellationToken);
        Assert.Equal(203, (int)response.StatusCode);
        Assert.Equal(["a", "b"], response.Headers.GetValues("X-Two").SelectMany(value => value.Split(", ")));
        JsonElement told = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
        if (kind == "wsgi")
        {
            // Only mod_proxy_fcgi and mod_proxy_scgi do not tell where the application is mounted.
            Assert.Equal("/m/a b/environ", Text(told, "SCRIPT_NAME") + Text(told, "PATH_INFO"));
            Assert.Equal(name == "nginx" || protocol == "uwsgi" ? "/m" : "", Text(told, "SCRIPT_NAME"));
            Assert.Equal("q=%20x&y", Text(told, "QUERY_STRING"));
            Assert.Equal("value 1", Text(told, "HTTP_X_OWN_FIELD"));
            Assert.Equal("HTTP/1.1", Text(told, "SERVER_PROTOCOL"));
            Assert.Equal("example.org", Text(told, "SERVER_NAME"));
            Assert.Equal("one two", Text(told, "OWN_THING"));
            Assert.Equal(name == "nginx" ? "203.0.113.9" : "127.0.0.1", Text(told, "REMOTE_ADDR"));
            Assert.Equal(name == "nginx" ? "https" : "http", Text(told, "wsgi.url_scheme"));
        }
        else
        {
            Assert.Equal("/m/a b/environ", Text(told, "path"));
            Assert.Equal("/m/a%20b/environ", Text(told, "raw_path"));
            Assert.Equal(name == "nginx" || protocol == "uwsgi" ? "/m" : "", Text(told, "root_path"));
            Assert.Equal("q=%20x&y", Text(told, "query_string"));
            Assert.Equal("value 1", told.GetProperty("headers").GetProperty("x-own-field").GetString());
            Assert.Equal("example.org", told.GetProperty("server")[0].GetString());
            Assert.Equal(name == "nginx" ? "203.0.113.9" : "127.0.0.1", told.GetProperty("client")[0].GetString());
            Assert.Equal(name == "nginx" ? "https" : "http", Text(told, "scheme"));
        }
    }

    private static async Task GetsTheBodyAsync(HttpClient client)
    {
        byte[] body = RandomNumberGenerator.GetBytes(BodySize);
        using HttpResponseMessage response = await client.PostAsync("/m/hash", new ByteArrayContent(body), TestContext.Current.CancellationToken);
        JsonElement told = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
        Assert.Equal(body.Length, told.GetProperty("length").GetInt32());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(body)), Text(told, "sha256"));
    }

    private async Task StreamsAsync(HttpClient client)
    {
        Gate gate = OpenGate();
        using HttpResponseMessage response = await client.GetAsync(
            $"/m/pieces?port={gate.Port}", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        for (int number = 0; number < 3; number++)
        {
            // The application has not made the next one yet.
            Assert.Equal($"piece {number}", await Wait.For(reader.ReadLineAsync(), "a piece"));
            (await gate.ReachedAsync("sent")).Release();
        }

        Assert.Null(await reader.ReadLineAsync(TestContext.Current.CancellationToken));
    }

    private async Task HearsThatTheClientLeftAsync(HttpClient client)
    {
        Gate gate = OpenGate();
        using (HttpResponseMessage response = await client.GetAsync(
            $"/m/endless?port={gate.Port}", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken))
        {
            Stream stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
            await stream.ReadExactlyAsync(new byte[100_000], TestContext.Current.CancellationToken);
        }

        await gate.ReachedAsync("closed");
    }

    private Task<DarterServer> ShareAsync(string kind) => ShareAsync(new DarterServerOptions
    {
        Target = kind == "wsgi" ? App("protocols") : Path.Combine(RepositoryPaths.AsgiApp("protocols"), "app.py"),
        Binds =
        [
            "uwsgi://127.0.0.1:0", "fastcgi://127.0.0.1:0", "scgi://127.0.0.1:0",
            $"uwsgi:unix:{Sockets}/{kind}-uwsgi.sock", $"fastcgi:unix:{Sockets}/{kind}-fastcgi.sock", $"scgi:unix:{Sockets}/{kind}-scgi.sock",
        ],
    });

    private static ServerAddress AddressOf(DarterServer server, string protocol, bool overUnix) =>
        server.Addresses[(protocol == "uwsgi" ? 0 : protocol == "fastcgi" ? 1 : 2) + (overUnix ? 3 : 0)];

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static string MakeFolder()
    {
        string folder = Directory.CreateTempSubdirectory("darter-sockets-").FullName;

        // The web server may be somebody else.
        File.SetUnixFileMode(folder, (UnixFileMode)0x1ED);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    }
}
