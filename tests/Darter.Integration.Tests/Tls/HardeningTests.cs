namespace Darter.Integration.Tests.Tls;

/// <summary>What is old and weak is refused; eng/testssl looks at far more, and takes minutes.</summary>
public class HardeningTests : ServerTest
{
    private readonly TestCertificates _authority;

    public HardeningTests(ServerPool pool)
        : base(pool) => _authority = new TestCertificates(TemporaryFolder(), "authority");

    [Fact]
    public async Task Handshake_WithWhatIsOldOrWeak_IsRefused()
    {
        TlsClient.Require();
        DarterServer server = await StartAsync(new DarterServerOptions
        {
            Target = App("protocols"),
            Arguments = ["--certfile", _authority.IssueRsa("rsa.pem", "CN=rsa", "localhost"), "--certfile", _authority.Issue("ecdsa.pem", "CN=ecdsa", "localhost")],
        });
        foreach (string options in (string[])
            [
                "-tls1_1 -cipher ALL:@SECLEVEL=0", "-tls1 -cipher ALL:@SECLEVEL=0",
                "-tls1_2 -cipher kRSA:@SECLEVEL=0", "-tls1_2 -cipher aNULL:eNULL:@SECLEVEL=0", "-tls1_2 -cipher kDHE:@SECLEVEL=0", "-tls1_2 -cipher ECDHE+SHA1:@SECLEVEL=0",
            ])
        {
            string told = await TlsClient.ConnectAsync(server, "localhost", options.Split(' '));
            Assert.True(told.Contains("alert", StringComparison.Ordinal) && told.Contains("Cipher is (NONE)", StringComparison.Ordinal), $"{options}: {told}");
        }

        // The server's order is the one that counts, and there is no compression (CRIME).
        string strong = await TlsClient.ConnectAsync(server, "localhost", "-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384");
        Assert.Contains("Cipher is ECDHE-ECDSA-AES256-GCM-SHA384", strong, StringComparison.Ordinal);
        Assert.Contains("Compression: NONE", strong, StringComparison.Ordinal);
        Assert.Contains("Secure Renegotiation IS supported", strong, StringComparison.Ordinal);
    }
}
