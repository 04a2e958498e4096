using System.Text.RegularExpressions;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Tls;

/// <summary><c>--acme-domain</c>, with Debian's pebble as the authority.</summary>
public sealed class AcmeTests : ServerTest
{
    private const string Name = "a.example";
    private static readonly Regex s_issuer = new("^issuer=CN = (.*)$", RegexOptions.Multiline);

    private readonly ReservedPort _http;
    private readonly ReservedPort _https;
    private readonly string _state;

    public AcmeTests(ServerPool pool)
        : base(pool)
    {
        _state = TemporaryFolder();
        _http = Own(new ReservedPort());
        _https = Own(new ReservedPort());
    }

    [Theory]
    [InlineData("http-01")]
    [InlineData("tls-alpn-01")]
    public async Task Certificate_IsObtainedAndKeptOverARestart(string challenge)
    {
        TlsClient.Require();
        PebbleServer pebble = Own(await PebbleServer.StartAsync(_http.Number, _https.Number));
        DarterServer server = await ServeAsync(pebble.Directory, "--acme-ca-certs", pebble.AuthorityFile, "--acme-challenge", challenge, "--acme-email", "me@example.org");
        await server.Log.WaitForAsync($"The certificate for {Name} is there, from localhost");
        Assert.StartsWith("Pebble Intermediate", await IssuerAsync(server, Name), StringComparison.Ordinal);
        Assert.StartsWith("Pebble Intermediate", await IssuerAsync(server, "other.example"), StringComparison.Ordinal);
        Assert.Equal(0, await server.StopAsync());

        DarterServer again = await ServeAsync(pebble.Directory, "--acme-ca-certs", pebble.AuthorityFile, "--acme-challenge", challenge);
        Assert.Contains($"The certificate for {Name} is taken from the folder", again.Log.Text, StringComparison.Ordinal);
        Assert.StartsWith("Pebble Intermediate", await IssuerAsync(again, Name), StringComparison.Ordinal);
        Assert.Equal(1, pebble.Issued);
    }

    [Fact]
    public async Task Certificate_ThatIsOld_IsRenewedWhileConnectionsGoOn()
    {
        TlsClient.Require();
        PebbleServer pebble = Own(await PebbleServer.StartAsync(_http.Number, _https.Number));
        string folder = Directory.CreateDirectory(
            Path.Combine(_state, $"localhost_{new Uri(pebble.Directory).Port}_dir"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        using TestCertificates authority = new(_state, "authority");
        authority.IssueAged(Path.Combine(folder, $"{Name}.pem"), Name, since: TimeSpan.FromDays(70), left: TimeSpan.FromDays(1));
        DarterServer server = await ServeAsync(pebble.Directory, "--acme-ca-certs", pebble.AuthorityFile);
        using SocketsHttpHandler handler = new()
        {
            // Of before the renewal, or of after it.
            SslOptions = { RemoteCertificateValidationCallback = (_, presented, _, _) => presented!.Issuer == "CN=authority" || presented.Issuer.Contains("Pebble", StringComparison.Ordinal) },
        };
        using HttpClient client = new(handler) { BaseAddress = new Uri($"https://127.0.0.1:{server.Address.Port}") };
        await client.GetStringAsync(new Uri("/environ", UriKind.Relative), TestContext.Current.CancellationToken);

        await server.Log.WaitForAsync($"The certificate for {Name} is there, from localhost");

        Assert.Contains($"The certificate for {Name} is taken from the folder", server.Log.Text, StringComparison.Ordinal);
        Assert.StartsWith("Pebble Intermediate", await IssuerAsync(server, Name), StringComparison.Ordinal);
        await client.GetStringAsync(new Uri("/environ", UriKind.Relative), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Servers_ThatShareFolderAndPorts_OrderOnce()
    {
        TlsClient.Require();
        PebbleServer pebble = Own(await PebbleServer.StartAsync(_http.Number, _https.Number));
        DarterServer[] servers = await Task.WhenAll(
            ServeAsync(pebble.Directory, "--acme-ca-certs", pebble.AuthorityFile), ServeAsync(pebble.Directory, "--acme-ca-certs", pebble.AuthorityFile));
        await Task.WhenAll(servers.Select(server => server.Log.WaitForAsync(new Regex($"The certificate for {Name} is (there, from localhost|taken from the folder)"))));
        Assert.Equal(1, pebble.Issued);
        Assert.StartsWith("Pebble Intermediate", await IssuerAsync(servers[0], Name), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_WhoseAuthorityIsAway_ServesAtOnceAndSaysSo()
    {
        TlsClient.Require();
        await using ReservedPort nobody = new();
        using TestCertificates authority = new(_state, "authority");
        DarterServer server = await ServeAsync(
            $"https://localhost:{nobody.Number}/dir", "--certfile", authority.IssueRsa(Path.Combine(_state, "file.pem"), "CN=file", "file.example"));
        Assert.Equal("Darter self-signed", await IssuerAsync(server, Name));
        Assert.Equal("authority", await IssuerAsync(server, "file.example"));
        Assert.Equal("authority", await IssuerAsync(server, "other.example"));
        string line = await server.Log.WaitForAsync($"There is no certificate for {Name}");
        Assert.Contains($"localhost:{nobody.Number} cannot be asked", line, StringComparison.Ordinal);
        Assert.Contains("--acme-directory", line, StringComparison.Ordinal);
        Assert.Equal(0, await server.StopAsync());
    }

    [Theory]
    [InlineData("--acme-email needs --acme-domain", "--acme-email", "me@example.org")]
    [InlineData("--acme-domain: '*.example.org' would need the challenge DNS-01", "--acme-domain", "*.example.org")]
    [InlineData("--acme-directory: 'http://x' is not an https address", "--acme-domain", "a.example", "--acme-directory", "http://x")]
    [InlineData("--acme-email: 'me' is not an address", "--acme-domain", "a.example", "--acme-email", "me")]
    [InlineData("--acme-eab-kid needs --acme-eab-key-file", "--acme-domain", "a.example", "--acme-eab-kid", "1")]
    [InlineData("--acme-challenge must be auto, http-01 or tls-alpn-01, not 'dns-01'", "--acme-domain", "a.example", "--acme-challenge", "dns-01")]
    [InlineData("(--acme-ca-certs) cannot be read", "--acme-domain", "a.example", "--acme-ca-certs", "/nowhere/c.pem")]
    public async Task Options_ThatMakeNoSense_AreReported(string expected, params string[] arguments)
    {
        CommandResult result = await Command.RunAsync(RepositoryPaths.Executable, ["check", App("protocols"), "--bind", "127.0.0.1:0", .. arguments], _state);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(expected, result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at Darter", result.Errors, StringComparison.Ordinal);
    }

    private Task<DarterServer> ServeAsync(string directory, params string[] arguments) => StartAsync(new DarterServerOptions
    {
        Target = App("protocols"),
        Binds = [$"127.0.0.1:{_https.Number}"],
        Arguments =
        [
            "--reuse-port", "--redirect-http", $"127.0.0.1:{_http.Number}", "--acme-domain", Name, "--acme-directory", directory, "--acme-state", _state, .. arguments,
        ],
    });

    private static async Task<string> IssuerAsync(DarterServer server, string name)
    {
        string told = await TlsClient.ConnectAsync(server, name);
        return s_issuer.Match(told) is { Success: true } match ? match.Groups[1].Value : $"nobody: {told}";
    }
}
