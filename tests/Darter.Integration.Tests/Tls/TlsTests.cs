using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Tls;

/// <summary><c>--certfile</c> and the options beside it.</summary>
public class TlsTests : ServerTest
{
    private readonly string _folder;
    private readonly TestCertificates _authority;

    public TlsTests(ServerPool pool)
        : base(pool)
    {
        _folder = TemporaryFolder();
        _authority = new TestCertificates(_folder, "authority");
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("wsgi", "1.1")]
    [InlineData("wsgi", "2.0")]
    [InlineData("asgi", "1.1")]
    [InlineData("asgi", "2.0")]
    public async Task Application_OverHttps_KnowsOfIt(string application, string version)
    {
        DarterServer server = await ServeAsync(application, "--certfile", _authority.Issue("server.pem", "CN=server", "localhost"));
        Assert.Contains("Listening at: https://", server.Log.Text, StringComparison.Ordinal);

        JsonElement seen = await AskAsync(server, version: version);

        if (application == "wsgi")
        {
            Assert.Equal("https", seen.GetProperty("wsgi.url_scheme").GetString());
            Assert.Equal("TLSv1.3", seen.GetProperty("SSL_PROTOCOL").GetString());
            Assert.StartsWith("TLS_", seen.GetProperty("SSL_CIPHER").GetString(), StringComparison.Ordinal);
            Assert.Equal("NONE", seen.GetProperty("SSL_CLIENT_VERIFY").GetString());
            Assert.False(seen.TryGetProperty("SSL_CLIENT_CERT", out _));
        }
        else
        {
            Assert.Equal("https", seen.GetProperty("scheme").GetString());
            JsonElement tls = seen.GetProperty("tls");
            Assert.Equal(0x0304, tls.GetProperty("tls_version").GetInt32());
            Assert.InRange(tls.GetProperty("cipher_suite").GetInt32(), 0x1301, 0x1305);
            Assert.Equal(JsonValueKind.Null, tls.GetProperty("client_cert_name").ValueKind);
            Assert.Equal(0, tls.GetProperty("client_cert_chain").GetArrayLength());
        }
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Application_MountedByATrustedProxy_HasItsScriptName(string version)
    {
        DarterServer server = await ServeAsync("wsgi", "--certfile", _authority.Issue("server.pem", "CN=server", "localhost"));
        using HttpClient client = NewClient(server, out _);
        client.DefaultRequestVersion = Version.Parse(version);
        client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        client.DefaultRequestHeaders.Add("SCRIPT_NAME", "/shop");

        JsonElement environ = JsonDocument.Parse(await client.GetStringAsync(new Uri("/shop/environ", UriKind.Relative), Cancellation)).RootElement;

        Assert.Equal("/shop", environ.GetProperty("SCRIPT_NAME").GetString());
        Assert.Equal("/environ", environ.GetProperty("PATH_INFO").GetString());
        Assert.Equal("TLSv1.3", environ.GetProperty("SSL_PROTOCOL").GetString());
    }

    [Theory]
    [InlineData("a.example", "CN=one")]
    [InlineData("www.b.example", "CN=two")]
    [InlineData("x.www.b.example", "CN=one")]
    [InlineData("other.example", "CN=one")]
    public async Task Certificate_IsThatOfTheNameAskedFor(string name, string subject)
    {
        DarterServer server = await ServeAsync(
            "wsgi", "--certfile", _authority.Issue("one.pem", "CN=one", "a.example"), "--certfile", _authority.Issue("two.pem", "CN=two", "*.b.example"));

        Assert.Equal(subject, await SubjectAsync(server, name));
    }

    [Fact]
    public async Task Certificate_ThatIsReplaced_IsUsedForNewConnections()
    {
        string file = _authority.Issue("server.pem", "CN=old", "localhost");
        DarterServer server = await ServeAsync("wsgi", "--certfile", file);
        using HttpClient kept = NewClient(server, out _);
        await kept.GetStringAsync(new Uri("/environ", UriKind.Relative), Cancellation);

        File.WriteAllText(file, "half a certif");
        await server.Log.WaitForAsync("cannot be used, so those before them stay");
        Assert.Equal("CN=old", await SubjectAsync(server, "localhost"));

        _authority.Issue("server.pem", "CN=new", "localhost");
        await server.Log.WaitForAsync("are in use for new connections");
        Assert.Equal("CN=new", await SubjectAsync(server, "localhost"));
        await kept.GetStringAsync(new Uri("/environ", UriKind.Relative), Cancellation);
    }

    [Theory]
    [InlineData("wsgi")]
    [InlineData("asgi")]
    public async Task ClientCertificate_ThatIsRequired_ReachesTheApplication(string application)
    {
        DarterServer server = await ServeAsync(
            application, "--certfile", _authority.Issue("server.pem", "CN=server", "localhost"), "--cert-reqs", "required", "--ca-certs", _authority.File);
        using X509Certificate2 joe = _authority.Issue("CN=joe, O=example");
        using TestCertificates others = new(_folder, "others");
        using X509Certificate2 stranger = others.Issue("CN=stranger");

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => AskAsync(server));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => AskAsync(server, stranger));
        JsonElement seen = await AskAsync(server, joe);

        if (application == "wsgi")
        {
            Assert.Equal("SUCCESS", seen.GetProperty("SSL_CLIENT_VERIFY").GetString());
            Assert.Equal("CN=joe, O=example", seen.GetProperty("SSL_CLIENT_S_DN").GetString());
            Assert.Equal("CN=authority", seen.GetProperty("SSL_CLIENT_I_DN").GetString());
            Assert.Equal(joe.ExportCertificatePem(), seen.GetProperty("SSL_CLIENT_CERT").GetString());
        }
        else
        {
            JsonElement tls = seen.GetProperty("tls");
            Assert.Equal("CN=joe, O=example", tls.GetProperty("client_cert_name").GetString());
            Assert.Equal(joe.ExportCertificatePem(), tls.GetProperty("client_cert_chain")[0].GetString());
        }
    }

    [Fact]
    public async Task ClientCertificate_ThatIsOptional_MayBeMissingButNotWrong()
    {
        DarterServer server = await ServeAsync(
            "wsgi", "--certfile", _authority.Issue("server.pem", "CN=server", "localhost"), "--cert-reqs", "1", "--ca-certs", _authority.File);
        using TestCertificates others = new(_folder, "others");
        using X509Certificate2 stranger = others.Issue("CN=stranger");

        Assert.Equal("NONE", (await AskAsync(server)).GetProperty("SSL_CLIENT_VERIFY").GetString());
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => AskAsync(server, stranger));
    }

    [Fact]
    public async Task MinimumVersion_AndCiphers_AreKept()
    {
        string certificate = _authority.Issue("server.pem", "CN=server", "localhost");
        DarterServer modern = await ServeAsync("wsgi", "--certfile", certificate, "--tls-min-version", "1.3");
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => AskAsync(modern, protocols: SslProtocols.Tls12));

        DarterServer chosen = await ServeAsync("wsgi", "--certfile", certificate, "--ciphers", "ECDHE-ECDSA-AES256-GCM-SHA384");
        Assert.Equal(
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", (await AskAsync(chosen, protocols: SslProtocols.Tls12)).GetProperty("SSL_CIPHER").GetString());
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Http_IsSentToHttpsWhichBrowsersAreToKeepTo(string version)
    {
        DarterServer server = await ServeAsync(
            "wsgi", "--certfile", _authority.Issue("server.pem", "CN=server", "localhost"), "--redirect-http", "127.0.0.1:0", "--hsts", "3600;includeSubDomains");
        string line = server.Log.Lines().Single(text => text.Contains("Sending clients to https at: http://", StringComparison.Ordinal));
        Uri plain = new(line[(line.IndexOf("http://", StringComparison.Ordinal))..].Split(' ')[0]);
        using SocketsHttpHandler handler = new() { AllowAutoRedirect = false };
        using HttpClient http = new(handler) { BaseAddress = plain, DefaultRequestVersion = Version.Parse(version), DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };

        using HttpResponseMessage redirect = await http.GetAsync(new Uri("/environ?a=b", UriKind.Relative), Cancellation);
        using HttpClient https = NewClient(server, out _);
        using HttpResponseMessage response = await https.GetAsync(redirect.Headers.Location, Cancellation);

        Assert.Equal(308, (int)redirect.StatusCode);
        Assert.Equal($"https://127.0.0.1:{server.Address.Port}/environ?a=b", redirect.Headers.Location?.ToString());
        Assert.False(redirect.Headers.Contains("Strict-Transport-Security"));
        Assert.Equal("max-age=3600; includeSubDomains", response.Headers.GetValues("Strict-Transport-Security").Single());
        Assert.Equal("https", JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation)).RootElement.GetProperty("wsgi.url_scheme").GetString());
        Assert.Equal(0, await server.StopAsync());
    }

    [Theory]
    [InlineData("--redirect-http needs --certfile or --acme-domain", "--redirect-http", ":0")]
    [InlineData("--hsts needs --certfile or --acme-domain", "--hsts", "1")]
    [InlineData("--redirect-port needs --redirect-http", "--certfile", "c.pem", "--redirect-port", "443")]
    [InlineData("'uwsgi://:0' does not speak http", "--certfile", "c.pem", "--redirect-http", "uwsgi://:0")]
    [InlineData("--hsts: 'x' is not SECONDS", "--certfile", "c.pem", "--hsts", "x")]
    [InlineData("--hsts: browsers' lists (preload) want", "--certfile", "c.pem", "--hsts", "31536000;preload")]
    [InlineData("--keyfile needs --certfile", "--keyfile", "k.pem")]
    [InlineData("--ciphers needs --certfile or --acme-domain", "--ciphers", "TLS_AES_128_GCM_SHA256")]
    [InlineData("--tls-min-version needs --certfile or --acme-domain", "--tls-min-version", "1.3")]
    [InlineData("--keyfile-password-file needs --certfile", "--keyfile-password-file", "p")]
    [InlineData("there are 1 --certfile and 2 --keyfile", "--certfile", "c.pem", "--keyfile", "a", "--keyfile", "b")]
    [InlineData("--cert-reqs needs --ca-certs", "--certfile", "c.pem", "--cert-reqs", "2")]
    [InlineData("--ciphers: 'HIGH' is no cipher suite", "--certfile", "c.pem", "--ciphers", "HIGH:!aNULL")]
    [InlineData("The certificate cannot be read", "--certfile", "/nowhere/c.pem")]
    public async Task Options_ThatMakeNoSense_AreReported(string expected, params string[] arguments)
    {
        foreach (string command in (string[])["run", "check"])
        {
            CommandResult result = await Command.RunAsync(RepositoryPaths.Executable, [command, App("protocols"), "--bind", "127.0.0.1:0", .. arguments], _folder);
            Assert.Equal(1, result.ExitCode);
            Assert.Contains(expected, result.Errors, StringComparison.Ordinal);
            Assert.DoesNotContain("   at Darter", result.Errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Addresses_SpeakWhatTheySay()
    {
        DarterServer server = await StartAsync(new DarterServerOptions
        {
            Target = App("protocols"),
            Binds = ["https://127.0.0.1:0", "http://127.0.0.1:0", "127.0.0.1:0"],
            Arguments = ["--certfile", _authority.Issue("server.pem", "CN=server", "localhost"), "--hsts", "60"],
        });
        string[] lines = [.. server.Log.Lines().Where(line => line.Contains("Listening at:", StringComparison.Ordinal))];
        Assert.Equal(3, lines.Length);
        Assert.Equal(["https", "http", "https"], lines.Select(line => line[(line.IndexOf("at: ", StringComparison.Ordinal) + 4)..].Split(':')[0]));

        foreach (int place in (int[])[0, 2])
        {
            using HttpClient https = NewClient(server, out _);
            https.BaseAddress = new Uri($"https://127.0.0.1:{server.Addresses[place].Port}");
            using HttpResponseMessage answer = await https.GetAsync(new Uri("/environ", UriKind.Relative), Cancellation);
            Assert.Equal("https", (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("wsgi.url_scheme").GetString());
            Assert.True(answer.Headers.Contains("Strict-Transport-Security"));
        }

        RawResponse plain = await RawConnection.ExchangeAsync(server.Addresses[1], "GET /environ HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal("http", plain.Json.GetProperty("wsgi.url_scheme").GetString());
        Assert.Null(plain["Strict-Transport-Security"]);
    }

    private Task<DarterServer> ServeAsync(string application, params string[] arguments) => StartAsync(new DarterServerOptions
    {
        Target = application == "wsgi" ? App("protocols") : Path.Combine(RepositoryPaths.AsgiApp("protocols"), "app.py"),
        Arguments = arguments,
    });

    private static async Task<JsonElement> AskAsync(
        DarterServer server, X509Certificate2? certificate = null, string version = "1.1", SslProtocols protocols = SslProtocols.None)
    {
        using HttpClient client = NewClient(server, out SslClientAuthenticationOptions options);
        options.EnabledSslProtocols = protocols;
        options.LocalCertificateSelectionCallback = certificate is null ? null : (_, _, _, _, _) => certificate;
        client.DefaultRequestVersion = Version.Parse(version);
        client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        return JsonDocument.Parse(await client.GetStringAsync(new Uri("/environ", UriKind.Relative), Cancellation)).RootElement;
    }

    private static async Task<string> SubjectAsync(DarterServer server, string name)
    {
        string subject = "";
        using HttpClient client = NewClient(server, out SslClientAuthenticationOptions options);
        client.DefaultRequestHeaders.Host = name;
        options.RemoteCertificateValidationCallback = (_, presented, _, _) =>
        {
            subject = presented!.Subject;
            return presented.Issuer == "CN=authority";
        };
        await client.GetStringAsync(new Uri("/environ", UriKind.Relative), Cancellation);
        return subject;
    }

    private static HttpClient NewClient(DarterServer server, out SslClientAuthenticationOptions options)
    {
        SocketsHttpHandler handler = new() { SslOptions = { RemoteCertificateValidationCallback = (_, presented, _, _) => presented!.Issuer == "CN=authority" } };
        options = handler.SslOptions;
        return new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{server.Address.Port}") };
    }
}
