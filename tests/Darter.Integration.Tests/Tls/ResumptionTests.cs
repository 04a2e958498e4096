using System.Text.RegularExpressions;

namespace Darter.Integration.Tests.Tls;

/// <summary>Sessions that are taken up again by later connections, without another signature.</summary>
public class ResumptionTests : ServerTest
{
    private readonly TestCertificates _authority;
    private readonly string _folder;

    public ResumptionTests(ServerPool pool)
        : base(pool)
    {
        _folder = TemporaryFolder();
        _authority = new TestCertificates(_folder, "authority");
    }

    [Fact]
    public async Task Session_IsResumedByOtherConnections()
    {
        TlsClient.Require();
        DarterServer server = await StartAsync(new DarterServerOptions
        {
            Target = App("protocols"),
            Arguments = ["--certfile", _authority.IssueRsa("rsa.pem", "CN=rsa", "localhost"), "--certfile", _authority.Issue("ecdsa.pem", "CN=ecdsa", "localhost")],
        });
        foreach (string version in (string[])["-tls1_2", "-tls1_3"])
        {
            foreach (string algorithms in (string[])["ECDSA+SHA256", "RSA-PSS+SHA256"])
            {
                string session = Path.Combine(_folder, $"session{version}{algorithms}");
                string first = await AskAsync(server, version, "-sigalgs", algorithms, "-sess_out", session);
                string second = await AskAsync(server, version, "-sigalgs", algorithms, "-sess_in", session);
                Assert.Matches(new Regex("^New, TLS", RegexOptions.Multiline), first);
                Assert.True(Regex.IsMatch(second, "^Reused, TLS", RegexOptions.Multiline), $"{version} {algorithms}: {second}");
            }
        }
    }

    /// <summary>With TLS 1.3 tickets come after the handshake, so something must be read.</summary>
    private static Task<string> AskAsync(DarterServer server, params string[] options) => TlsClient.AskAsync(server, "localhost", options);
}
