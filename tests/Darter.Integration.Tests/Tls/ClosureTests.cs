using System.Net.Security;
using System.Text.RegularExpressions;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Tls;

/// <summary>A connection that ends in order says so (close_notify); one that is broken off does not.</summary>
public class ClosureTests : ServerTest
{
    private const string Get = "GET /echo HTTP/1.1\r\nHost: h\r\nX-Behaviour: input\r\n";

    private readonly TestCertificates _authority;

    public ClosureTests(ServerPool pool)
        : base(pool) => _authority = new TestCertificates(TemporaryFolder(), "authority");

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task Response_ToAConnectionThatCloses_EndsWithoutAnError(string version)
    {
        TlsClient.Require();
        DarterServer server = await ServeAsync();
        string output = await TlsClient.AskAsync(server, "localhost", version);
        Assert.Contains("HTTP/1.1 ", output, StringComparison.Ordinal);
        Assert.Matches(new Regex("^closed$", RegexOptions.Multiline), output);
        Assert.DoesNotContain("unexpected eof", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Get + "Connection: close\r\n\r\n")]
    [InlineData("GET /echo HTTP/1.0\r\nX-Behaviour: input\r\n\r\n")]
    [InlineData("NONSENSE\r\n\r\n")]
    public async Task Connection_ThatTheServerCloses_EndsInOrder(string request)
    {
        DarterServer server = await ServeAsync();
        await using RecordedTls client = await RecordedTls.OpenAsync(server, SslApplicationProtocol.Http11);
        await client.WriteAsync(request);
        await client.ReadToAsync("HTTP/1.1 ");
        Assert.True(await client.EndsWithAlertAsync());
    }

    [Fact]
    public async Task Connection_ThatIsIdle_EndsInOrder()
    {
        DarterServer server = await ServeAsync("--keep-alive", "1");
        await using RecordedTls client = await RecordedTls.OpenAsync(server, SslApplicationProtocol.Http11);
        await client.WriteAsync($"{Get}\r\n");
        await client.ReadToAsync("HTTP/1.1 200");
        Assert.True(await client.EndsWithAlertAsync());
    }

    [Fact]
    public async Task Connections_OfAServerThatStops_EndInOrder()
    {
        DarterServer server = await ServeAsync();
        await using RecordedTls first = await RecordedTls.OpenAsync(server, SslApplicationProtocol.Http11);
        await first.WriteAsync($"{Get}\r\n");
        await first.ReadToAsync("HTTP/1.1 200");

        // The preface and empty SETTINGS (RFC 9113, 3.4); the server's own are its answer, behind them its acknowledgement.
        await using RecordedTls second = await RecordedTls.OpenAsync(server, SslApplicationProtocol.Http2);
        await second.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0");
        await second.ReadToAsync("\0\0\0\u0004\u0001\0\0\0\0");

        server.Send(Signal.Terminate);
        Assert.True(await first.EndsWithAlertAsync());
        Assert.True(await second.EndsWithAlertAsync());
        Assert.Equal(0, await server.WaitForExitAsync());
    }

    [Fact]
    public async Task Response_ThatBreaksOff_DoesNotEndInOrder()
    {
        DarterServer server = await ServeAsync();
        await using RecordedTls client = await RecordedTls.OpenAsync(server, SslApplicationProtocol.Http11);
        await client.WriteAsync("GET /between-pieces?broken HTTP/1.0\r\nX-Behaviour: errors\r\n\r\n");
        Assert.False(await client.EndsWithAlertAsync());
    }

    private Task<DarterServer> ServeAsync(params string[] arguments) => StartAsync(new DarterServerOptions
    {
        Target = App("core"),
        Arguments = ["-w", "1", "--certfile", _authority.Issue("server.pem", "CN=server", "localhost"), .. arguments],
    });
}
