using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Asgi.Frameworks;

/// <summary>Clients that others have written.</summary>
public class ClientTests(ServerPool pool) : AsgiTest(pool)
{
    [Fact]
    public Task Websockets_OfPython_Agrees() => RunAsync("websocket", "websockets", "websockets_client.py", "ws");

    [Fact]
    public Task Httpx_OfPython_Agrees() => RunAsync("http", "httpx", "httpx_client.py", "http");

    [Theory]
    [InlineData("--http1.1", "1.1")]
    [InlineData("--http2-prior-knowledge", "2")]
    public async Task Curl_Agrees(string option, string version)
    {
        Assert.SkipUnless(Command.Exists("curl"), "There is no curl: apt-get install curl");
        DarterServer server = await ShareAsync("http");
        CommandResult result = await Command.RunAsync(
            "curl", ["--silent", "--fail", "--max-time", "30", option, "--data", "content", "--write-out", " %{http_version}", $"{server.Address.Uri}echo"]);
        Assert.Equal((0, $"content {version}"), (result.ExitCode, result.Output));
    }

    private async Task RunAsync(string application, string module, string script, string scheme)
    {
        PythonInterpreter python = Require.SystemPython(module);
        DarterServer server = await ShareAsync(application);
        CommandResult result = await Command.RunAsync(
            python.Path, [Path.Combine(RepositoryPaths.TestAssets, "clients", script), $"{scheme}://{server.Address.Authority}"]);
        Assert.True(result is { ExitCode: 0, Output: "OK\n" }, $"{result.Output}\n{result.Errors}");
    }
}
