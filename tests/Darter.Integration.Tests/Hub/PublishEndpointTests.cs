using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Hub;

/// <summary>The publish endpoint, and who may use it.</summary>
public sealed class PublishEndpointTests(ServerPool pool) : HubTest(pool)
{
    [Fact]
    public async Task Endpoint_OverASocket_PublishesAndTellsOfChannels()
    {
        string socket = Path.Combine(TemporaryFolder(), "publish.sock");
        DarterServer server = await StartHubAsync("--publish-bind", $"unix:{socket}", "--hub-max-message", "2000");
        await server.Log.WaitForAsync($"Publishing at: unix:{socket}");
        using HttpClient client = ServerClient.Create(server.Address, HttpProtocol.Http1);
        using EventStream events = await ListenAsync(client, "room", more: "&user=bob");
        using HttpClient publisher = ClientOf(socket);
        (int status, JsonElement answer) = await PostAsync(
            publisher,
            """{"items": [{"channel": "room", "id": "1", "formats": {"http-stream": {"content": "data: a\n\n"}}}, {"channel": "room", "http-stream": {"content": "data: b\n\n"}}]}""");
        Assert.Equal((200, 2, 2), (status, answer.GetProperty("items").GetInt32(), answer.GetProperty("subscribers").GetInt32()));
        Assert.Equal(("a", "b"), (await events.ReadAsync(), await events.ReadAsync()));

        JsonElement channel = Assert.Single((await GetAsync(publisher, "/channels/?prefix=ro&limit=1")).GetProperty("channels").EnumerateArray());
        Assert.Equal(("room", 1, 2, "1"), (
            channel.GetProperty("channel").GetString(), channel.GetProperty("subscribers").GetInt32(), channel.GetProperty("history").GetInt32(), channel.GetProperty("last_id").GetString()));
        JsonElement present = Assert.Single((await GetAsync(publisher, "/channels/room")).GetProperty("present").EnumerateArray());
        Assert.Equal(("stream", "bob"), (present.GetProperty("kind").GetString(), present.GetProperty("meta").GetProperty("user").GetString()));

        Assert.Equal(400, (await PostAsync(publisher, "{}")).Status);
        Assert.Equal(400, (await PostAsync(publisher, """{"items": [{"channel": ""}]}""")).Status);
        Assert.Equal(413, (await PostAsync(publisher, new string(' ', 3000))).Status);
        Assert.Equal(404, (int)(await publisher.GetAsync("/other", Cancellation)).StatusCode);
        Assert.Equal(405, (int)(await publisher.GetAsync("/publish/", Cancellation)).StatusCode);
        Assert.Equal(400, (int)(await publisher.GetAsync("/channels/?limit=x", Cancellation)).StatusCode);
    }

    [Fact]
    public async Task Endpoint_WithAKey_NeedsASignature()
    {
        DarterServer server = await StartHubAsync("--publish-bind", "127.0.0.1:0", "--hub-key", "secret");
        Uri address = await AddressAsync(server);
        using HttpClient publisher = new() { BaseAddress = address };
        const string Item = """{"items": [{"channel": "room", "http-stream": {"content": "a"}}]}""";
        Assert.Equal(401, (await PostAsync(publisher, Item)).Status);
        publisher.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "a.b.c");
        Assert.Equal(401, (await PostAsync(publisher, Item)).Status);

        string[] command = ["publish", "room", "hello", "--id", "7", "--address", $"{address}"];
        CommandResult refused = await Command.RunAsync(RepositoryPaths.Executable, command, Path.GetTempPath());
        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.Contains("--hub-key", refused.Errors, StringComparison.Ordinal);
        CommandResult result = await Command.RunAsync(RepositoryPaths.Executable, [.. command, "--key", "secret", "--json"], Path.GetTempPath());
        Assert.Equal((0, """{"items":1,"subscribers":0}""" + "\n"), (result.ExitCode, result.Output));
        using HttpClient client = ServerClient.Create(server.Address, HttpProtocol.Http1);
        Assert.Equal("hello", await client.GetStringAsync("/poll?channel=room%3Bprev-id=none", Cancellation));
    }

    [Fact]
    public async Task Endpoint_WithoutAKey_IsForProgramsOfThisMachine_AndNotForPages()
    {
        DarterServer server = await StartHubAsync("--publish-bind", "127.0.0.1:0");
        using HttpClient publisher = new() { BaseAddress = await AddressAsync(server) };
        const string Item = """{"items": [{"channel": "room", "http-stream": {"content": "a"}}]}""";
        Assert.Equal(200, (await PostAsync(publisher, Item)).Status);
        publisher.DefaultRequestHeaders.Host = "attacker.example";
        Assert.Equal(403, (await PostAsync(publisher, Item)).Status);
        publisher.DefaultRequestHeaders.Host = null;
        publisher.DefaultRequestHeaders.Add("Origin", "http://attacker.example");
        Assert.Equal(403, (await PostAsync(publisher, Item)).Status);

        CommandResult result = await Command.RunAsync(
            RepositoryPaths.Executable, ["run", server.Options.Target!, "--bind", "127.0.0.1:0", "--publish-bind", "0.0.0.0:0"], Path.GetTempPath());
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("--hub-key", result.Errors, StringComparison.Ordinal);
    }

    /// <summary>A client of a Unix socket.</summary>
    internal static HttpClient ClientOf(string path) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellation) =>
        {
            Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        BaseAddress = new Uri("http://localhost"),
    };

    /// <summary>Publishes.</summary>
    internal static async Task<(int Status, JsonElement Answer)> PostAsync(HttpClient publisher, string items)
    {
        using StringContent content = new(items);
        using HttpResponseMessage response = await publisher.PostAsync("/publish/", content, Cancellation);
        return ((int)response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancellation)).RootElement);
    }

    private static async Task<JsonElement> GetAsync(HttpClient publisher, string target) =>
        JsonDocument.Parse(await publisher.GetStringAsync(target, Cancellation)).RootElement;

    private static async Task<Uri> AddressAsync(DarterServer server)
    {
        const string Said = "Publishing at: ";
        await server.Log.WaitForAsync(Said);
        string line = server.Log.Lines().First(text => text.Contains(Said, StringComparison.Ordinal));
        return new Uri(line[(line.IndexOf(Said, StringComparison.Ordinal) + Said.Length)..].Split(' ')[0]);
    }
}
