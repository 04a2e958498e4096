using System.Net.Sockets;

namespace Darter.Integration.Tests.Tls;

/// <summary>Certificates with an RSA and an ECDSA key for one name.</summary>
public class CertificateChoiceTests : ServerTest
{
    private readonly TestCertificates _authority;

    public CertificateChoiceTests(ServerPool pool)
        : base(pool) => _authority = new TestCertificates(TemporaryFolder(), "authority");

    [Fact]
    public async Task Client_DecidesAndEcdsaIsPreferred()
    {
        TlsClient.Require();
        DarterServer server = await StartAsync(new DarterServerOptions
        {
            Target = App("protocols"),
            Arguments =
            [
                "--certfile", _authority.IssueRsa("rsa.pem", "CN=rsa", "a.example", "www.a.example"), "--certfile", _authority.Issue("ecdsa.pem", "CN=ecdsa", "www.a.example", "a.example"),
                "--certfile", _authority.IssueRsa("other.pem", "CN=other", "other.example"),
            ],
        });
        (string Name, string Options, string Subject)[] cases =
        [
            ("a.example", "", "ecdsa"),
            ("a.example", "-sigalgs rsa_pss_rsae_sha256", "rsa"),
            ("a.example", "-tls1_3 -sigalgs ecdsa_secp384r1_sha384:rsa_pss_rsae_sha256", "rsa"),
            ("a.example", "-tls1_2", "ecdsa"),
            ("a.example", "-tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256", "rsa"),
            ("a.example", "-tls1_2 -sigalgs RSA+SHA256", "rsa"),
            ("a.example", "-tls1_2 -curves P-384", "rsa"),

            // For names without a certificate the first one is, or its other half.
            ("unknown.example", "", "ecdsa"),
            ("unknown.example", "-tls1_2 -cipher aRSA", "rsa"),
            ("other.example", "", "other"),
        ];
        foreach ((string name, string options, string subject) in cases)
        {
            string told = await TlsClient.ConnectAsync(server, name, options.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            Assert.True(told.Contains($"subject=CN = {subject}\n", StringComparison.Ordinal), $"{name} {options}: {told}");
        }
    }

    [Fact]
    public async Task Client_ThatSaysNoHello_HindersNobody()
    {
        TlsClient.Require();
        DarterServer server = await StartAsync(new DarterServerOptions
        {
            Target = App("protocols"),
            Arguments = ["--certfile", _authority.IssueRsa("rsa.pem", "CN=rsa", "a.example"), "--certfile", _authority.Issue("ecdsa.pem", "CN=ecdsa", "a.example")],
        });
        using TcpClient silent = await OpenAsync(server, []);
        using TcpClient half = await OpenAsync(server, [22, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]);
        using TcpClient plain = await OpenAsync(server, "GET / HTTP/1.1\r\n\r\n"u8.ToArray());
        using TcpClient wrong = await OpenAsync(server, [22, 3, 1, 0xff, 0xff, 1]);

        // What is no hello is the handshake's to refuse.
        await EndsAsync(plain);
        await EndsAsync(wrong);
        Assert.Contains("subject=CN = ecdsa", await TlsClient.ConnectAsync(server, "a.example"), StringComparison.Ordinal);
        Assert.Equal(0, await server.StopAsync());
    }

    private static async Task<TcpClient> OpenAsync(DarterServer server, byte[] bytes)
    {
        TcpClient client = new();
        await client.ConnectAsync("127.0.0.1", server.Address.Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(bytes, TestContext.Current.CancellationToken);
        return client;
    }

    /// <summary>Waits for the end of the connection; an alert of the handshake may come before it.</summary>
    private static async Task EndsAsync(TcpClient client)
    {
        byte[] buffer = new byte[1024];
        try
        {
            int read;
            do
            {
                read = await Wait.For(client.GetStream().ReadAsync(buffer, TestContext.Current.CancellationToken).AsTask(), "the end of the connection");
            }
            while (read > 0);
        }
        catch (IOException)
        {
            // With a reset, as what it had sent was not read.
        }
    }
}
