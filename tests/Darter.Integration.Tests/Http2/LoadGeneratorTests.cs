using Darter.Integration.Tests.Tls;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Http2;

/// <summary>nghttp2's h2load as a client, over each protocol that it speaks here.</summary>
public class LoadGeneratorTests(ServerPool pool) : ServerTest(pool)
{
    [Theory]
    [InlineData("http", "h2c")]
    [InlineData("http", "http/1.1")]
    [InlineData("https", "h2")]
    [InlineData("https", "http/1.1")]
    public async Task H2load_WithManyConnections_GetsAllResponses(string scheme, string protocol)
    {
        Assert.SkipUnless(Command.Exists("h2load"), "h2load is not installed (Debian: apt-get install nghttp2-client).");
        using TestCertificates authority = new(TemporaryFolder(), "authority");
        DarterServer server = await StartAsync(new DarterServerOptions
        {
            Target = App("sized"),
            Workers = 1,
            Arguments = scheme == "https" ? ["--certfile", authority.Issue("server.pem", "CN=server", "localhost")] : [],
        });
        CommandResult result = await Command.RunAsync(
            "h2load",
            [
                "-n2000", "-c20", "-m10", .. protocol == "http/1.1" ? (string[])["--h1"] : [], $"{scheme}://{server.Address.Authority}/?size=20000",
            ]);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains($"Application protocol: {protocol}\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("requests: 2000 total, 2000 started, 2000 done, 2000 succeeded, 0 failed, 0 errored, 0 timeout", result.Output, StringComparison.Ordinal);
        Assert.Contains("status codes: 2000 2xx, 0 3xx, 0 4xx, 0 5xx", result.Output, StringComparison.Ordinal);
    }
}
