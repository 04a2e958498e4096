using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Darter.Server.Configuration;
using Darter.Server.Tls;
using Darter.Server.Tls.Acme;

namespace Darter.Server.Tests.Tls.Acme;

/// <summary>Obtaining and renewing certificates, with an authority that does what it should.</summary>
public sealed class AcmeManagerTests : IAsyncLifetime
{
    private readonly AcmeFixture _fixture = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [InlineData(AcmeChallengeKind.Http01, "http-01")]
    [InlineData(AcmeChallengeKind.TlsAlpn01, "tls-alpn-01")]
    [InlineData(AcmeChallengeKind.Auto, "tls-alpn-01")]
    public async Task Certificate_IsObtainedByTheChallenge(AcmeChallengeKind challenge, string expected)
    {
        _fixture.Config = _fixture.Config with { Challenge = challenge, Domains = ["a.example", "b.example"], Email = "me@example.org" };
        AcmeManager manager = _fixture.Create();
        AcmeManager other = _fixture.Create();
        List<string> seen = [];
        _fixture.Authority.Validate = (kind, domain, token, authorization) =>
        {
            // Whichever server the authority comes to answers.
            seen.Add(kind);
            return kind == "http-01"
                ? AcmeFixture.AskAsync(other, $"/.well-known/acme-challenge/{token}").GetAwaiter().GetResult() == authorization ? null : "unauthorized"
                : Identifies(other.FindAnswer(domain), domain, authorization) ? null : "unauthorized";
        };
        Assert.Equal("CN=Darter self-signed", Issuer(manager.Find("A.example")));

        await AcmeFixture.PassAsync(manager);

        Assert.Equal([expected, expected], seen);
        Assert.Equal("CN=authority", Issuer(manager.Find("A.example")));
        Assert.Equal("CN=authority", Issuer(manager.Find("b.example")));
        Assert.Same(manager.Find("a.example"), manager.Default);
        Assert.Null(manager.Find("c.example"));
        Assert.Null(manager.FindAnswer("a.example"));
        Assert.Equal(["a.example.pem", "account.pem", "b.example.pem", "lock"], Directory.GetFiles(_fixture.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(Directory.GetFiles(_fixture.Folder), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
        Assert.Contains(_fixture.Log.Lines, line => line.Contains("The certificate for b.example is there, from authority.example", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Certificate_IsKeptOverARestartAndRenewedWhenAThirdIsLeft()
    {
        await AcmeFixture.PassAsync(_fixture.Create());
        AcmeManager manager = _fixture.Create();
        LoadedCertificate first = manager.Default;
        Assert.Equal("CN=authority", Issuer(first));

        _fixture.Clock.Pass(FakeAuthority.Lifetime * 0.65);
        await AcmeFixture.PassAsync(manager);
        Assert.Single(_fixture.Authority.Issued);
        Assert.Same(first, manager.Default);

        _fixture.Clock.Pass(FakeAuthority.Lifetime * 0.02);
        await AcmeFixture.PassAsync(manager);
        await AcmeFixture.PassAsync(manager);
        Assert.Equal(2, _fixture.Authority.Issued.Count());
        Assert.True(manager.Default.Expires > first.Expires);
    }

    [Fact]
    public async Task Certificate_ThatHasEnded_IsPresentedUntilThereIsAnother()
    {
        await AcmeFixture.PassAsync(_fixture.Create());
        _fixture.Clock.Pass(FakeAuthority.Lifetime * 2);
        AcmeManager manager = _fixture.Create();
        Assert.Equal("CN=authority", Issuer(manager.Default));

        _fixture.Authority.Replace = _ => throw new HttpRequestException("no way there");
        await AcmeFixture.PassAsync(manager);
        Assert.Equal("CN=authority", Issuer(manager.Default));
        Assert.Contains(_fixture.Log.Lines, line => line.Contains("There is no certificate for a.example", StringComparison.Ordinal) && line.Contains("no way there", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Servers_ThatShareAFolder_OrderOnce()
    {
        AcmeManager[] managers = [.. Enumerable.Range(0, 4).Select(_ => _fixture.Create())];
        await Task.WhenAll(managers.Select(manager => Task.Run(() => AcmeFixture.PassAsync(manager))));
        foreach (AcmeManager manager in managers)
        {
            await AcmeFixture.PassAsync(manager);
            Assert.Equal("CN=authority", Issuer(manager.Default));
        }

        Assert.Single(_fixture.Authority.Ordered);
    }

    [Fact]
    public async Task Certificate_WhileAnotherServerOrders_IsLeftToIt()
    {
        AcmeManager manager = _fixture.Create();
        AcmeState state = new(_fixture.Config);
        state.Prepare();
        using (state.TryLock())
        {
            await AcmeFixture.PassAsync(manager);
            Assert.Empty(_fixture.Authority.Requests);
        }

        await AcmeFixture.PassAsync(manager);
        Assert.Equal("CN=authority", Issuer(manager.Default));
    }

    [Fact]
    public async Task Folder_WithWhatKilledServersLeft_IsCleaned()
    {
        await AcmeFixture.PassAsync(_fixture.Create());
        File.WriteAllText(Path.Combine(_fixture.Folder, "http-abc"), "abc.x");
        File.WriteAllText(Path.Combine(_fixture.Folder, "a.example.pem.new-1"), "half");
        File.WriteAllText(Path.Combine(_fixture.Folder, "a.example.pem"), "half a certificate");
        AcmeManager manager = _fixture.Create();
        Assert.Equal("abc.x", await AcmeFixture.AskAsync(manager, "/.well-known/acme-challenge/abc"));

        await AcmeFixture.PassAsync(manager);

        Assert.Equal(["a.example.pem", "account.pem", "lock"], Directory.GetFiles(_fixture.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal("CN=authority", Issuer(manager.Default));
        Assert.Single(_fixture.Log.Lines, line => line.Contains("in the folder is not used", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/.well-known/acme-challenge/")]
    [InlineData("/.well-known/acme-challenge/none")]
    [InlineData("/.well-known/acme-challenge/../account.pem")]
    [InlineData("/.well-known/acme-challenge/abc?x")]
    [InlineData("/.well-known/acme-challenge/abc/../abc")]
    [InlineData("/abc")]
    public async Task Request_ThatIsNoChallenge_IsSomebodyElses(string target)
    {
        AcmeManager manager = _fixture.Create();
        await AcmeFixture.PassAsync(manager);
        using IDisposable answer = new AcmeState(_fixture.Config).AnswerHttp("abc", "abc.x");
        Assert.Null(await AcmeFixture.AskAsync(manager, target));
        Assert.Null(await AcmeFixture.AskAsync(manager, "/.well-known/acme-challenge/abc", "POST"));
        Assert.Equal("", await AcmeFixture.AskAsync(manager, "/.well-known/acme-challenge/abc", "HEAD") is { } head ? head : null);
    }

    [Fact]
    public async Task Authority_ThatTakesItsTime_IsWaitedFor()
    {
        await using AcmeFixture fixture = new(clock => new FakeAuthority(clock) { Slowness = 5 });
        AcmeManager manager = fixture.Create();
        await AcmeFixture.PassAsync(manager);
        Assert.Equal("CN=authority", Issuer(manager.Default));
    }

    [Fact]
    public async Task Account_IsBoundToTheOneThatTheAuthorityKnows()
    {
        byte[] key = RandomNumberGenerator.GetBytes(32);
        await using AcmeFixture fixture = new(clock => new FakeAuthority(clock) { External = ("id-1", key) });
        await AcmeFixture.PassAsync(fixture.Create());
        Assert.Contains(fixture.Log.Lines, line => line.Contains("--acme-eab-kid", StringComparison.Ordinal));

        fixture.Clock.Pass(TimeSpan.FromDays(1));
        fixture.Config = fixture.Config with { ExternalAccount = new AcmeExternalAccount { KeyId = "id-1", Key = System.Buffers.Text.Base64Url.EncodeToString(key) } };
        AcmeManager manager = fixture.Create();
        await AcmeFixture.PassAsync(manager);
        Assert.Equal("CN=authority", Issuer(manager.Default));
    }

    private static bool Identifies(LoadedCertificate? answer, string domain, string authorization)
    {
        // RFC 8737, section 3: the extension is critical and has the digest as an OCTET STRING.
        X509Extension? extension = answer?.Context.TargetCertificate.Extensions.SingleOrDefault(candidate => candidate.Oid?.Value == "1.3.6.1.5.5.7.1.31");
        byte[] digest = SHA256.HashData(Encoding.ASCII.GetBytes(authorization));
        return extension?.Critical == true && extension.RawData.SequenceEqual((byte[])[0x04, 0x20, .. digest]) && answer!.Matches(domain);
    }

    private static string? Issuer(LoadedCertificate? certificate) => certificate?.Context.TargetCertificate.Issuer;
}
