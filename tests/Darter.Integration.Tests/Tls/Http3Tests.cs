using System.Globalization;
using System.Net.Quic;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Tls;

/// <summary><c>--http3</c>.</summary>
public class Http3Tests : ServerTest
{
    private readonly string _folder;
    private readonly TestCertificates _authority;

    public Http3Tests(ServerPool pool)
        : base(pool)
    {
        _folder = TemporaryFolder();
        _authority = new TestCertificates(_folder, "authority");
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("wsgi")]
    [InlineData("asgi")]
    public async Task Application_OverHttp3_KnowsOfIt(string application)
    {
        DarterServer server = await ServeAsync(application, "--access-logfile", "-", "--access-logformat", "%(h)s %(r)s %(s)s %(B)s");
        using HttpClient client = Http3Client.Create(server, "3.0", out _);
        JsonElement seen = JsonDocument.Parse(await client.GetStringAsync(Relative("/environ?a=b"), Cancellation)).RootElement;
        if (application == "wsgi")
        {
            Assert.Equal("HTTP/3", seen.GetProperty("SERVER_PROTOCOL").GetString());
            Assert.Equal("https", seen.GetProperty("wsgi.url_scheme").GetString());
            Assert.Equal("127.0.0.1", seen.GetProperty("REMOTE_ADDR").GetString());
            Assert.Equal($"{server.Address.Port}", seen.GetProperty("SERVER_PORT").GetString());
            Assert.Equal($"127.0.0.1:{server.Address.Port}", seen.GetProperty("HTTP_HOST").GetString());
            Assert.Equal("TLSv1.3", seen.GetProperty("SSL_PROTOCOL").GetString());
            Assert.Equal("NONE", seen.GetProperty("SSL_CLIENT_VERIFY").GetString());
        }
        else
        {
            Assert.Equal("3", seen.GetProperty("http_version").GetString());
            Assert.Equal("https", seen.GetProperty("scheme").GetString());
            Assert.Equal(0x0304, seen.GetProperty("tls").GetProperty("tls_version").GetInt32());
        }

        await server.Output.WaitForAsync("127.0.0.1 GET /environ?a=b HTTP/3 203");
        Assert.DoesNotContain("CRITICAL", server.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bodies_OverHttp3_ComeThroughBothWays()
    {
        string large = Path.Combine(_folder, "large.bin");
        byte[] bytes = RandomNumberGenerator.GetBytes(3_000_000);
        await File.WriteAllBytesAsync(large, bytes, Cancellation);
        DarterServer server = await ServeAsync("wsgi", "--static", $"/files={_folder}");
        using HttpClient client = Http3Client.Create(server, "3.0", out _);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(async number =>
        {
            byte[] body = RandomNumberGenerator.GetBytes(number * 3_000);
            using HttpResponseMessage response = await client.PostAsync(Relative("/hash"), new ByteArrayContent(body), Cancellation);
            JsonElement seen = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation)).RootElement;
            Assert.Equal((body.Length, Convert.ToHexStringLower(SHA256.HashData(body))), (seen.GetProperty("length").GetInt32(), seen.GetProperty("sha256").GetString()));
        }));
        byte[] received = await client.GetByteArrayAsync(Relative("/files/large.bin"), Cancellation);
        Assert.True(bytes.AsSpan().SequenceEqual(received), "The file came changed.");
        using HttpResponseMessage missing = await client.GetAsync(Relative("/files/none"), Cancellation);
        Assert.Equal(404, (int)missing.StatusCode);
        Assert.DoesNotContain("CRITICAL", server.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Responses_OfOtherVersions_TellOfIt()
    {
        DarterServer server = await ServeAsync("wsgi");
        foreach (string version in (string[])["1.1", "2.0", "3.0"])
        {
            using HttpClient client = Http3Client.Create(server, version, out _);
            using HttpResponseMessage response = await client.GetAsync(Relative("/environ"), Cancellation);

            // The client leaves the time out that is the default anyway.
            Assert.Equal(version == "3.0" ? null : $"h3=\":{server.Address.Port}\"", response.Headers.TryGetValues("Alt-Svc", out IEnumerable<string>? values) ? values.Single() : null);
        }

        DarterServer other = await ServeAsync("wsgi", "--http3-port", "443");
        using HttpClient another = Http3Client.Create(other, "2.0", out _);
        using HttpResponseMessage told = await another.GetAsync(Relative("/environ"), Cancellation);
        Assert.Equal("h3=\":443\"", told.Headers.GetValues("Alt-Svc").Single());
    }

    [Fact]
    public async Task Certificates_AreThoseOfTheNameAskedFor_AndReadAgain()
    {
        string second = _authority.Issue("two.pem", "CN=two", "b.example");
        DarterServer server = await ServeAsync("wsgi", "--certfile", second);
        Assert.Equal("CN=server", await SubjectAsync(server, "localhost"));
        Assert.Equal("CN=two", await SubjectAsync(server, "b.example"));
        _authority.Issue("two.pem", "CN=three", "b.example");
        await Wait.Until(async () => await SubjectAsync(server, "b.example") == "CN=three", () => "the new certificate");
    }

    [Fact]
    public async Task CertificateOfAClient_IsWhatTheApplicationSees()
    {
        DarterServer server = await ServeAsync("wsgi", "--cert-reqs", "required", "--ca-certs", _authority.File);
        using X509Certificate2 certificate = _authority.Issue(subject: "CN=joe", "joe.example");
        using HttpClient client = Http3Client.Create(server, "3.0", out SslClientAuthenticationOptions options);
        options.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        JsonElement seen = JsonDocument.Parse(await client.GetStringAsync(Relative("/environ"), Cancellation)).RootElement;
        Assert.Equal(("SUCCESS", "CN=joe"), (seen.GetProperty("SSL_CLIENT_VERIFY").GetString(), seen.GetProperty("SSL_CLIENT_S_DN").GetString()));
        using HttpClient without = Http3Client.Create(server, "3.0", out _);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => without.GetStringAsync(Relative("/environ"), Cancellation));
    }

    [Fact]
    public async Task Request_WhileTheServerStops_IsAnswered()
    {
        Gate gate = OpenGate();
        DarterServer server = await ServeAsync("wsgi");
        using HttpClient client = Http3Client.Create(server, "3.0", out _);
        Task<string> answer = client.GetStringAsync(Relative($"/pieces?port={gate.Port}"), Cancellation);
        Gate.Arrival arrival = await gate.ReachedAsync("sent");
        server.Send(Signal.Terminate);
        await server.Log.WaitForAsync("Handling signal");
        arrival.Release();
        (await gate.ReachedAsync("sent")).Release();
        (await gate.ReachedAsync("sent")).Release();
        Assert.EndsWith("piece 2\n", await answer, StringComparison.Ordinal);
        Assert.Equal(0, await server.WaitForExitAsync());
    }

    [Fact]
    public async Task Upgrade_HandsHttp3OverToTheNewFront()
    {
        string pid = Path.Combine(_folder, "pid");
        DarterServer server = await ServeAsync("wsgi", "--pid", pid);
        using (HttpClient before = Http3Client.Create(server, "3.0", out _))
        {
            await before.GetStringAsync(Relative("/environ"), Cancellation);
            server.Send(Signal.User2);
            await Wait.Until(
                () => server.Log.Lines().Count(line => line.Contains("HTTP/3 at: ", StringComparison.Ordinal)) == 2, () => $"HTTP/3 of the new front:\n{server.Log.Text}");
        }

        await Wait.Until(() => !LinuxProcess.IsRunning(server.Pid), () => $"the end of the old front:\n{server.Log.Text}");
        using HttpClient after = Http3Client.Create(server, "3.0", out _);
        Assert.Contains("HTTP/3", await after.GetStringAsync(Relative("/environ"), Cancellation), StringComparison.Ordinal);
        LinuxProcess.Send(int.Parse(await File.ReadAllTextAsync(pid, Cancellation), CultureInfo.InvariantCulture), Signal.Terminate);
        await server.WaitForNoProcessAsync();
    }

    [Theory]
    [InlineData("--http3 needs --certfile or --acme-domain", "--bind", "127.0.0.1:0", "--http3")]
    [InlineData("--http3-port needs --http3", "--bind", "127.0.0.1:0", "--http3-port", "443")]
    [InlineData("--http3 needs an address of --bind that speaks https", "--bind", "unix:/tmp/none.sock", "--certfile", "c.pem", "--http3")]
    [InlineData("--http3 and --proxy-protocol exclude each other", "--bind", "127.0.0.1:0", "--certfile", "c.pem", "--http3", "--proxy-protocol", "v2")]
    public async Task Options_ThatMakeNoSense_AreReported(string expected, params string[] arguments) => await AssertRefusedAsync(expected, arguments);

    [Fact]
    public async Task Option_WithoutTheLibrary_SaysWhatToInstall()
    {
        Assert.SkipWhen(QuicListener.IsSupported, "There is a libmsquic.");
        await AssertRefusedAsync("--http3 needs the library libmsquic 2", "--bind", "127.0.0.1:0", "--certfile", "c.pem", "--http3");
    }

    private static Uri Relative(string target) => new(target, UriKind.Relative);

    private static async Task<string> SubjectAsync(DarterServer server, string name)
    {
        string subject = "";
        using HttpClient client = Http3Client.Create(server, "3.0", out SslClientAuthenticationOptions options);
        client.DefaultRequestHeaders.Host = name;
        options.RemoteCertificateValidationCallback = (_, presented, _, _) =>
        {
            subject = presented!.Subject;
            return presented.Issuer == "CN=authority";
        };
        await client.GetStringAsync(Relative("/environ"), Cancellation);
        return subject;
    }

    private async Task AssertRefusedAsync(string expected, params string[] arguments)
    {
        CommandResult result = await Command.RunAsync(RepositoryPaths.Executable, ["run", App("protocols"), .. arguments], _folder);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(expected, result.Errors, StringComparison.Ordinal);
    }

    private Task<DarterServer> ServeAsync(string application, params string[] arguments)
    {
        Http3Client.Require();
        return StartAsync(new DarterServerOptions
        {
            Target = application == "wsgi" ? App("protocols") : Path.Combine(RepositoryPaths.AsgiApp("protocols"), "app.py"),
            Workers = 1,
            Arguments = ["--certfile", _authority.Issue("server.pem", "CN=server", "localhost"), "--http3", .. arguments],
        });
    }
}
