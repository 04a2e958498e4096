using System.Net;
using CsCheck;
using Darter.Server.Configuration;
using Darter.Server.Tls.Acme;

namespace Darter.Server.Tests.Tls.Acme;

/// <summary>Authorities that refuse, that are away, and that say what makes no sense.</summary>
public sealed class AcmeFailureTests : IAsyncLifetime
{
    private readonly AcmeFixture _fixture = new();

    public static TheoryData<string, string, string> Nonsense => new()
    {
        { "/directory", "{", "makes no sense" },
        { "/directory", "null", "makes no sense" },
        { "/directory", "[]", "makes no sense" },
        { "/directory", "{}", "lacks newAccount" },
        { "/directory", """{"newAccount":"/account","newNonce":"/nonce"}""", "is no address" },
        { "/directory", """{"newAccount":7}""", "makes no sense" },
        { "/account", "{}", "lacks the address of the account" },
        { "/order", """{"status":"pending"}""", "lacks the address of the order" },
        { "/authorization/0", """{"status":"pending"}""", "lacks challenges" },
        { "/authorization/0", """{"status":"pending","challenges":[null,{"type":"tls-alpn-01"}]}""", "lacks a token" },
        { "/authorization/0", """{"status":"pending","challenges":[{"type":"tls-alpn-01","token":"../account"}]}""", "token is none" },
        { "/authorization/0", """{"status":"pending","challenges":[{"type":"dns-01","token":"x"}]}""", "offers dns-01, not tls-alpn-01 or http-01" },
        { "/authorization/0", """{"status":"revoked","challenges":[]}""", "offers , not" },
        { "/order/0", """{"status":"invalid","error":{"type":"urn:ietf:params:acme:error:caa","detail":"forbidden"}}""", "A CAA record" },
        { "/order/0", """{"status":"ready"}""", "lacks finalize" },
        { "/finalize/0", """{"status":"valid"}""", "lacks the address of the certificate" },
        { "/certificate/0", "hello", "the certificate makes no sense" },
        { "/certificate/0", "", "the certificate makes no sense" },
    };

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [MemberData(nameof(Nonsense))]
    public async Task Answer_ThatMakesNoSense_IsOneLineAndALaterAttempt(string path, string answer, string reported)
    {
        _fixture.Authority.Replace = asked => asked == path ? FakeAuthority.Json(HttpStatusCode.OK, answer) : null;
        AcmeManager manager = _fixture.Create();
        await AcmeFixture.PassAsync(manager);

        string line = Assert.Single(_fixture.Log.Lines);
        Assert.Contains("There is no certificate for a.example", line, StringComparison.Ordinal);
        Assert.Contains(reported, line, StringComparison.Ordinal);
        await AssertLaterAsync(manager, TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task Answer_OfAnyLength_IsNotRead()
    {
        _fixture.Authority.Replace = path => path != "/order" ? null : new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(new Endless()) };
        AcmeManager manager = _fixture.Create();
        await AcmeFixture.PassAsync(manager);
        Assert.Contains("cannot be asked", Assert.Single(_fixture.Log.Lines), StringComparison.Ordinal);
        await AssertLaterAsync(manager, TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task Answer_ThatIsAnErrorPage_IsNamedByItsStatus()
    {
        _fixture.Authority.Replace = path => path == "/order" ? new HttpResponseMessage(HttpStatusCode.BadGateway) { Content = new StringContent("<html>") } : null;
        await AcmeFixture.PassAsync(_fixture.Create());
        Assert.Contains("502 from https://authority.example/order", Assert.Single(_fixture.Log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nonce_ThatIsRefused_IsReplaced()
    {
        int refused = 0;
        _fixture.Authority.Replace = path => path == "/order" && refused++ < 4 ? FakeAuthority.Problem(HttpStatusCode.BadRequest, "badNonce") : null;
        await AcmeFixture.PassAsync(_fixture.Create());
        Assert.Single(_fixture.Authority.Issued);
    }

    [Fact]
    public async Task Nonce_ThatIsAlwaysRefused_IsAFailure()
    {
        _fixture.Authority.Replace = path => path == "/order" ? FakeAuthority.Problem(HttpStatusCode.BadRequest, "badNonce") : null;
        await AcmeFixture.PassAsync(_fixture.Create());
        Assert.Equal(5, _fixture.Authority.Requests.Count(path => path == "/order"));
        Assert.Contains("badNonce", Assert.Single(_fixture.Log.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10_800, 3)]
    [InlineData(null, 1)]
    [InlineData(100_000_000, 7 * 24)]
    public async Task RateLimit_IsRespectedOverARestart(int? retryAfter, int hours)
    {
        _fixture.Authority.Replace = path =>
        {
            HttpResponseMessage? refusal = path == "/order" ? FakeAuthority.Problem(HttpStatusCode.TooManyRequests, "rateLimited") : null;
            refusal?.Headers.TryAddWithoutValidation("Retry-After", retryAfter?.ToString(System.Globalization.CultureInfo.InvariantCulture));
            return refusal;
        };
        await AcmeFixture.PassAsync(_fixture.Create());
        Assert.Contains("staging", Assert.Single(_fixture.Log.Lines), StringComparison.Ordinal);
        _fixture.Authority.Replace = _ => null;
        await AssertLaterAsync(_fixture.Create(), TimeSpan.FromHours(hours));
        Assert.Single(_fixture.Authority.Issued);
    }

    [Fact]
    public async Task Challenge_ThatFails_IsFollowedByTheOtherOneWhereThereIsHttp()
    {
        List<string> tried = [];
        _fixture.Authority.Validate = (kind, _, _, _) =>
        {
            tried.Add(kind);
            return kind == "http-01" ? null : "connection";
        };
        AcmeManager manager = _fixture.Create();
        manager.HasHttp = true;
        await AcmeFixture.PassAsync(manager);
        Assert.Contains("The authority must reach this server", Assert.Single(_fixture.Log.Lines), StringComparison.Ordinal);

        await AcmeFixture.PassAsync(manager);
        Assert.Equal(["tls-alpn-01", "http-01"], tried);
        Assert.Single(_fixture.Authority.Issued);
    }

    [Fact]
    public async Task Challenge_ThatAlwaysFails_IsTriedLessAndLess()
    {
        _fixture.Config = _fixture.Config with { Challenge = AcmeChallengeKind.Http01 };
        _fixture.Authority.Validate = (_, _, _, _) => "unauthorized";
        AcmeManager manager = _fixture.Create();
        await AcmeFixture.PassAsync(manager);
        foreach (double minutes in (double[])[2, 4, 8, 16, 32, 64, 128, 256, 360, 360])
        {
            await AssertLaterAsync(manager, TimeSpan.FromMinutes(minutes));
        }
    }

    [Fact]
    public async Task Names_DoNotHinderEachOther()
    {
        _fixture.Config = _fixture.Config with { Domains = ["a.example", "b.example"] };
        _fixture.Authority.Validate = (_, domain, _, _) => domain == "a.example" ? "dns" : null;
        AcmeManager manager = _fixture.Create();
        await AcmeFixture.PassAsync(manager);
        Assert.Equal(["b.example"], _fixture.Authority.Issued);
        Assert.Single(_fixture.Log.Lines, line => line.Contains("no certificate for a.example", StringComparison.Ordinal) && line.Contains("A or AAAA record", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Folder_ThatOthersMayEnter_IsNotUsed()
    {
        Directory.CreateDirectory(_fixture.Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead);
        File.SetUnixFileMode(_fixture.Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead);
        await Assert.ThrowsAsync<IOException>(() => AcmeFixture.PassAsync(_fixture.Create()));
        Assert.Empty(_fixture.Authority.Requests);
    }

    [Fact]
    public async Task Answers_ThatAreChangedAnywhere_NeverEndTheServer() =>
        await Gen.Select(Gen.Int[0, 12], Gen.Double[0, 1], Gen.String["{}[]\":,\\ntruefalse0123/é\0"]).SampleAsync(async (at, place, text) =>
        {
            await using AcmeFixture fixture = new();
            int number = 0;
            Mutation mutation = new(fixture.Authority, () => number++ == at, answer =>
            {
                int cut = (int)(place * answer.Length);
                return $"{answer[..cut]}{text}{answer[Math.Min(answer.Length, cut + text.Length)..]}";
            });
            await using AcmeManager manager = new(fixture.Config, fixture.Clock, fixture.Log, () => mutation);
            await AcmeFixture.PassAsync(manager);
            Assert.NotEmpty(fixture.Log.Lines);
            Assert.NotNull(manager.Default);
        }, iter: 60);

    /// <summary>Nothing is asked before the time has passed, and something is then.</summary>
    private async Task AssertLaterAsync(AcmeManager manager, TimeSpan time)
    {
        int asked = _fixture.Authority.Requests.Count;
        _fixture.Clock.Pass(time - TimeSpan.FromMinutes(1));
        await AcmeFixture.PassAsync(manager);
        Assert.Equal(asked, _fixture.Authority.Requests.Count);

        _fixture.Clock.Pass(TimeSpan.FromMinutes(1));
        await AcmeFixture.PassAsync(manager);
        Assert.True(_fixture.Authority.Requests.Count > asked);
    }

    private sealed class Mutation(HttpMessageHandler inner, Func<bool> isMeant, Func<string, string> change) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
            if (isMeant())
            {
                response.Content = new StringContent(change(await response.Content.ReadAsStringAsync(cancellationToken)));
            }

            return response;
        }
    }

    private sealed class Endless : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            buffer.AsSpan(offset, count).Fill((byte)' ');
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
