using System.Text.Json;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Asgi.Frameworks;

/// <summary>Clients of other makers: httpx, curl, and websockets.</summary>
public class ClientTests(ServerPool pool) : StarletteTest(pool)
{
    [Theory]
    [InlineData("1", "HTTP/1.1")]
    [InlineData("2", "HTTP/2")]
    public async Task Httpx_GetsWhatItAsksFor(string version, string expected)
    {
        Require.SystemPython("httpx");
        Require.SystemPython("h2");
        Require.SystemPython("multipart");
        JsonElement seen = await RunAsync("httpx", "http", version);
        Assert.Equal(expected, seen.GetProperty("version").GetString());
        Assert.Equal("ü", seen.GetProperty("query")[0][1].GetString());
        Assert.All(seen.GetProperty("uploads").EnumerateArray(), upload => Assert.True(upload.GetBoolean()));
        Assert.True(seen.GetProperty("streamed").GetBoolean());
        Assert.Equal(7, seen.GetProperty("form").GetInt32());
        Assert.Equal("""[{},{"first":"1","second":"2"}]""", JsonSerializer.Serialize(seen.GetProperty("cookies")));
        Assert.Equal(402, seen.GetProperty("status").GetInt32());
        Assert.True(seen.GetProperty("stream").GetBoolean());
    }

    [Theory]
    [InlineData("deflate")]
    [InlineData("plain")]
    public async Task Websockets_ExchangesMessages(string compression)
    {
        Require.SystemPython("websockets");
        JsonElement seen = await RunAsync("websockets", "ws", compression);
        Assert.Equal(
            compression == "deflate" ? ["permessage-deflate"] : [],
            seen.GetProperty("extensions").EnumerateArray().Select(extension => extension.GetString()));
        Assert.Equal(("chat", "accepted"), (seen.GetProperty("subprotocol").GetString(), seen.GetProperty("header").GetString()));
        Assert.All(seen.GetProperty("echoed").EnumerateArray(), message => Assert.True(message.GetBoolean()));
        Assert.Equal("in three frames", seen.GetProperty("fragments").GetString());
        Assert.True(seen.GetProperty("order").GetBoolean());
        Assert.Equal(1000, seen.GetProperty("closed").GetInt32());
        Assert.Equal("""["about to close",[4321,"bye"]]""", JsonSerializer.Serialize(seen.GetProperty("iterated")));
        Assert.Equal(403, seen.GetProperty("refused").GetInt32());
        Assert.True(seen.GetProperty("many").GetBoolean());
    }

    [Theory]
    [InlineData("--http1.1", "1.1")]
    [InlineData("--http2-prior-knowledge", "2")]
    public async Task Curl_GetsAndSends(string option, string version)
    {
        Assert.SkipUnless(Command.Exists("curl"), "curl is not installed.");
        Require.SystemPython("multipart");
        string root = (await ShareStarletteAsync()).Address.Uri.ToString().TrimEnd('/');
        Assert.Equal($"hello {version} 200", await CurlAsync(option, $"{root}/"));
        Assert.Equal($$"""{"method":"POST","got":[1]} {{version}} 201""", await CurlAsync(option, "--json", "[1]", $"{root}/json"));
        Assert.StartsWith(
            """{"form":{"text":["one"]},"files":[{"field":"file","name":"app.py",""",
            await CurlAsync(option, "--form", "text=one", "--form", $"file=@{RepositoryPaths.AsgiApp("starlette")}/app.py", $"{root}/form"),
            StringComparison.Ordinal);
        Assert.Equal($"static content\n {version} 200", await CurlAsync(option, "--compressed", $"{root}/static/file.txt"));
    }

    private static async Task<string> CurlAsync(params string[] arguments)
    {
        CommandResult result = await Command.RunAsync("curl", ["--silent", "--show-error", "--write-out", " %{http_version} %{http_code}", .. arguments]);
        Assert.True(result.ExitCode == 0, result.All);
        return result.Output;
    }

    private async Task<JsonElement> RunAsync(string client, string scheme, string option)
    {
        DarterServer server = await ShareStarletteAsync();
        string script = Path.Combine(RepositoryPaths.TestAssets, "clients", $"{client}_client.py");
        CommandResult result = await Command.RunAsync(PythonInterpreters.System!.Path, [script, $"{scheme}://{server.Address.Authority}", option]);
        Assert.True(result.ExitCode == 0, result.All);
        return JsonDocument.Parse(result.Output).RootElement;
    }
}
