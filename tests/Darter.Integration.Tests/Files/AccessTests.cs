using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Files;

/// <summary><c>--auth</c>, <c>--cors</c> and TLS.</summary>
public sealed class AccessTests(ServerPool pool) : FilesTest(pool)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Auth_OfAUser_IsAskedForAndChecked()
    {
        Write("a.txt", "open");
        DarterServer server = await ServeAsync("--auth", $"ann:{HashOf("sécret:1")}");
        RawResponse asked = await GetAsync(server, "/a.txt");
        Assert.Equal(401, asked.Status);
        Assert.Equal("Basic realm=\"Files\", charset=\"UTF-8\"", asked["WWW-Authenticate"]);
        Assert.Equal(401, (await GetAsync(server, "/missing")).Status);
        Assert.Equal(401, (await AskAsync(server, "ann", "wrong")).Status);
        Assert.Equal(401, (await AskAsync(server, "bob", "sécret:1")).Status);
        Assert.Equal(401, (await GetAsync(server, "/a.txt", "Authorization: Basic !!!\r\n")).Status);
        Assert.Equal(401, (await GetAsync(server, "/a.txt", "Authorization: Bearer x\r\n")).Status);
        Assert.Equal("open", (await AskAsync(server, "ann", "sécret:1")).Text);
        Assert.Equal("open", (await AskAsync(server, "ann", "sécret:1")).Text);
        Assert.Equal(401, (await AskAsync(server, "ann", "wrong")).Status);
    }

    [Fact]
    public async Task Auth_AfterManyWrongPasswords_Is429()
    {
        Write("a.txt", "open");
        DarterServer server = await ServeAsync("--auth", $"ann:{HashOf("right")}");
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(401, (await AskAsync(server, "ann", $"wrong{i}")).Status);
        }

        RawResponse refused = await AskAsync(server, "ann", "right");
        Assert.Equal(429, refused.Status);
        Assert.Equal("60", refused["Retry-After"]);
    }

    [Theory]
    [InlineData("ann:secret")]
    [InlineData("ann")]
    [InlineData("ann:pbkdf2:sha256:1$salt$00")]
    public async Task Auth_WithoutAHash_IsRefusedAndNotRepeated(string value)
    {
        CommandResult result = await Command.RunAsync(RepositoryPaths.Executable, ["files", Folder, "--auth", value]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("--hash-password", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", result.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HashPassword_FromAPipe_PrintsAHashThatAuthTakes()
    {
        Write("a.txt", "open");
        CommandResult result = await Command.RunAsync("sh", ["-c", $"echo 'my password' | '{RepositoryPaths.Executable}' files --hash-password"]);
        Assert.Equal(0, result.ExitCode);
        string hash = result.Output.Trim();
        Assert.Matches(@"^pbkdf2:sha256:600000\$[A-Za-z0-9]{16}\$[0-9a-f]{64}$", hash);
        DarterServer server = await ServeAsync("--auth", $"ann:{hash}");
        Assert.Equal(200, (await AskAsync(server, "ann", "my password")).Status);
    }

    [Fact]
    public async Task Cors_OfAnyOrigin_AllowsReadingOnly()
    {
        Write("a.txt", "open");
        DarterServer server = await ServeAsync("--upload", "--cors");
        Assert.Equal("*", (await GetAsync(server, "/a.txt", "Origin: http://b\r\n"))["Access-Control-Allow-Origin"]);
        Assert.Equal("*", (await GetAsync(server, "/missing"))["Access-Control-Allow-Origin"]);
        RawResponse asked = await GetAsync(server, "/a.txt", "Origin: http://b\r\nAccess-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: x-one, range\r\n", "OPTIONS");
        Assert.Equal(204, asked.Status);
        Assert.Equal("GET, HEAD", asked["Access-Control-Allow-Methods"]);
        Assert.Equal("x-one, range", asked["Access-Control-Allow-Headers"]);
        Assert.Equal(403, (await GetAsync(server, "/b.txt", "Origin: http://b\r\nContent-Length: 0\r\n", "PUT")).Status);
    }

    [Fact]
    public async Task Cors_OfOneOrigin_NamesItAndLetsItUpload()
    {
        DarterServer server = await ServeAsync("--upload", "--cors", "https://b.example", "--auth", $"ann:{HashOf("x")}");
        RawResponse asked = await GetAsync(server, "/b.txt", "Origin: https://b.example\r\nAccess-Control-Request-Method: PUT\r\n", "OPTIONS");
        Assert.Equal(204, asked.Status);
        Assert.Equal("GET, HEAD, PUT", asked["Access-Control-Allow-Methods"]);
        Assert.Equal("https://b.example", asked["Access-Control-Allow-Origin"]);
        Assert.Equal("true", asked["Access-Control-Allow-Credentials"]);
        string authorization = $"Authorization: Basic {Convert.ToBase64String("ann:x"u8)}\r\n";
        Assert.Equal(201, (await GetAsync(server, "/b.txt", $"Origin: https://b.example\r\n{authorization}Content-Length: 0\r\n", "PUT")).Status);
        Assert.Equal(403, (await GetAsync(server, "/c.txt", $"Origin: https://c.example\r\n{authorization}Content-Length: 0\r\n", "PUT")).Status);
    }

    [Fact]
    public async Task Cors_OfNoOrigin_IsRefused()
    {
        CommandResult result = await Command.RunAsync(RepositoryPaths.Executable, ["files", Folder, "--cors", "b.example/path"]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("is not an origin", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.1", false)]
    [InlineData("2.0", false)]
    [InlineData("1.1", true)]
    public async Task Tls_WithACertificate_ServesHttps(string version, bool password)
    {
        Write("a.txt", "open");
        (string certificate, string key) = WriteCertificate(password ? "pass word" : null);
        string passwordFile = Path.Combine(Path.GetDirectoryName(Folder)!, "password");
        await File.WriteAllTextAsync(passwordFile, "pass word\n", Cancellation);
        DarterServer server = await ServeAsync(
            ["--tls-cert", certificate, "--tls-key", key, .. password ? ["--tls-password-file", passwordFile] : Array.Empty<string>()]);
        Assert.Contains("Listening at: https://", server.Log.Text, StringComparison.Ordinal);

        using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, presented, _, _) => presented!.Subject == "CN=localhost" } };
        using var client = new HttpClient(handler)
        {
            BaseAddress = new Uri($"https://127.0.0.1:{server.Address.Port}"),
            DefaultRequestVersion = Version.Parse(version),
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        Assert.Equal("open", await client.GetStringAsync(new Uri("/a.txt", UriKind.Relative), Cancellation));
    }

    [Fact]
    public async Task Tls_WithoutTheKeysPassword_IsReported()
    {
        (string certificate, string key) = WriteCertificate("password");
        CommandResult result = await Command.RunAsync(RepositoryPaths.Executable, ["files", Folder, "--tls-cert", certificate, "--tls-key", key]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(certificate, result.Errors, StringComparison.Ordinal);
    }

    private static Task<RawResponse> AskAsync(DarterServer server, string user, string password) =>
        GetAsync(server, "/a.txt", $"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))}\r\n");

    private static string HashOf(string password) =>
        $"pbkdf2:sha256:1000$salt${Convert.ToHexStringLower(Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), "salt"u8.ToArray(), 1000, HashAlgorithmName.SHA256, 32))}";

    private (string Certificate, string Key) WriteCertificate(string? password)
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        string beside = Path.GetDirectoryName(Folder)!;
        string certificate = Path.Combine(beside, "cert.pem");
        string keyFile = Path.Combine(beside, "key.pem");
        File.WriteAllText(certificate, made.ExportCertificatePem());
        File.WriteAllText(keyFile, password is null ? key.ExportPkcs8PrivateKeyPem() : key.ExportEncryptedPkcs8PrivateKeyPem(password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
        return (certificate, keyFile);
    }
}
