using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Front;

/// <summary>The command line itself.</summary>
public class CommandLineTests
{
    [Theory]
    [InlineData("--no-such-option", "run --no-such-option app:app")]
    [InlineData("many", "run --workers many app:app")]
    [InlineData("--workers", "run --workers -1 app:app")]
    [InlineData("--threads", "run --threads 0 app:app")]
    [InlineData("soon", "run --keep-alive soon app:app")]
    [InlineData("much", "run --limit-request-body much app:app")]
    [InlineData("maybe", "run --header-map maybe app:app")]
    [InlineData("--io-uring", "run --io-uring maybe app:app")]
    [InlineData("carrier-pigeon", "run --interface carrier-pigeon app:app")]
    [InlineData("loud", "run --log-level loud app:app")]
    [InlineData("/no/such/python", "run --python /no/such/python app:app")]
    [InlineData("/no/such/folder", "run --chdir /no/such/folder app:app")]
    [InlineData("%(z)s", "run --access-logformat %(z)s app:app")]
    [InlineData("choose one", "run --access-log-json --access-logformat %(h)s app:app")]
    [InlineData("--request-id-header", "run --request-id-header X_Id app:app")]
    [InlineData("carrier://pigeon", "run --log-syslog --log-syslog-to carrier://pigeon app:app")]
    [InlineData("local9", "run --log-syslog-facility local9 app:app")]
    [InlineData("host:port", "run --statsd-host host:port app:app")]
    [InlineData("10.0.0.1/8", "run --forwarded-allow-ips 10.0.0.1/8 app:app")]
    [InlineData("--proxy-allow-from", "run --proxy-allow-from localhost app:app")]
    [InlineData("v3", "run --proxy-protocol v3 app:app")]
    [InlineData("is not NAME:VALUE", "run --secure-scheme-headers X-Forwarded-Proto app:app")]
    [InlineData("is not a path", "run --livez livez app:app")]
    [InlineData("different paths", "run --livez /z --readyz /z app:app")]
    [InlineData("--drain-delay", "run --drain-delay -1 app:app")]
    [InlineData("no-such-command", "no-such-command")]
    public async Task Darter_UsedWrongly_EndsWithStatus1AndSaysWhat(string expected, string arguments)
    {
        CommandResult result = await Command.RunAsync(RepositoryPaths.Executable, arguments.Split(' '));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(expected, result.All, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled exception", result.All, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.All, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help", "run")]
    [InlineData("run --help", "--bind")]
    [InlineData("--version", ".")]
    public async Task Darter_AskedForHelp_EndsWithStatus0(string arguments, string expected)
    {
        CommandResult result = await Command.RunAsync(RepositoryPaths.Executable, arguments.Split(' '));
        Assert.Equal(0, result.ExitCode);
        Assert.Contains(expected, result.Output, StringComparison.Ordinal);
    }
}
