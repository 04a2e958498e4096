using Darter.Integration.Tests.Tls;
using Darter.Testing.Processes;
using Darter.Testing.Redis;

namespace Darter.Integration.Tests.Hub;

/// <summary>Two servers that share channels over one Redis.</summary>
public class RedisTests(ServerPool pool) : ServerTest(pool)
{
    [Fact]
    public async Task Redis_KilledAndStartedWhileItemsArePublished_CostsNoneAndDoublesNone()
    {
        RedisServer redis = await StartRedisAsync();
        HubNode a = await StartNodeAsync(redis);
        HubNode b = await StartNodeAsync(redis);
        await a.SharedAsync();
        await b.SharedAsync();
        EventReader atA = Own(await EventReader.OpenAsync(a.Server, "room"));
        EventReader atB = Own(await EventReader.OpenAsync(b.Server, "room"));
        using CancellationTokenSource stop = new();
        Task<int>[] publishers = [a.PublishUntilAsync("room", "a", stop.Token), b.PublishUntilAsync("room", "b", stop.Token)];
        await atA.HasAsync(100);

        redis.Kill();
        await Task.WhenAll(a.AwayAsync(), b.AwayAsync());
        await atA.HasAsync(atA.Ids.Count + 50);
        await atB.HasAsync(atB.Ids.Count + 50);
        await redis.StartAgainAsync();
        await Task.WhenAll(a.SharedAsync(2), b.SharedAsync(2));
        await atA.HasAsync(atA.Ids.Count + 50);
        await stop.CancelAsync();
        int[] counts = await Task.WhenAll(publishers);

        foreach (EventReader reader in new[] { atA, atB })
        {
            await reader.HasAsync(counts.Sum());
            Assert.Equal(Enumerable.Range(0, counts[0]).Select(i => $"a{i}"), reader.Ids.Where(id => id[0] == 'a'));
            Assert.Equal(Enumerable.Range(0, counts[1]).Select(i => $"b{i}"), reader.Ids.Where(id => id[0] == 'b'));
        }
    }

    [Fact]
    public async Task Client_OfAServerThatWasKilled_GetsTheRestFromTheOther()
    {
        RedisServer redis = await StartRedisAsync();
        HubNode a = await StartNodeAsync(redis);
        HubNode b = await StartNodeAsync(redis);
        await a.SharedAsync();
        await b.SharedAsync();
        EventReader reader = Own(await EventReader.OpenAsync(a.Server, "room"));
        EventReader other = Own(await EventReader.OpenAsync(b.Server, "room"));
        for (int i = 0; i < 10; i++)
        {
            await a.PublishAsync("room", $"{i}");
        }

        await reader.HasAsync(10);
        await other.HasAsync(10);
        a.Server.Send(Signal.Kill);
        await Wait.For(reader.Ended, "the end of the stream");
        await b.PublishAsync("room", "10");
        EventReader moved = Own(await EventReader.OpenAsync(b.Server, "room", lastId: "7"));
        await moved.HasAsync(3);
        await b.PublishAsync("room", "11");
        await moved.HasAsync(4);
        Assert.Equal(["8", "9", "10", "11"], moved.Ids);

        // A server that was not there when they were published knows them from the stream.
        HubNode c = await StartNodeAsync(redis);
        await c.SharedAsync();
        using HttpClient client = new();
        Assert.Equal("10", await Wait.For(client.GetStringAsync(new Uri(c.Server.Address.Uri, "/poll?room&9"), TestContext.Current.CancellationToken), "the item after 9"));
    }

    [Fact]
    public async Task Server_StartedWithoutRedis_ServesAndCatchesUp()
    {
        Assert.SkipUnless(RedisServer.Missing is null, RedisServer.Missing ?? "");
        RedisServer redis = Own(RedisServer.Prepare());
        HubNode a = await StartNodeAsync(redis);
        HubNode b = await StartNodeAsync(redis);
        await a.AwayAsync();
        EventReader atA = Own(await EventReader.OpenAsync(a.Server, "room"));
        EventReader atB = Own(await EventReader.OpenAsync(b.Server, "room"));
        await a.PublishAsync("room", "1");
        await atA.HasAsync(1);
        Assert.Empty(atB.Ids);

        await redis.StartAgainAsync();
        await atB.HasAsync(1);
        await b.PublishAsync("room", "2");
        await atA.HasAsync(2);
        Assert.Equal(["1", "2"], atA.Ids);
        await atB.HasAsync(2);
        Assert.Equal(["1", "2"], atB.Ids);
    }

    [Fact]
    public async Task Redis_WithTlsAndUsers_IsSharedOverAndTheStatusSaysSo()
    {
        Assert.SkipUnless(RedisServer.Missing is null, RedisServer.Missing ?? "");
        string folder = TemporaryFolder();
        using TestCertificates certificates = new(folder, "authority");
        string certificate = certificates.Issue("redis.pem", "CN=localhost", "localhost");
        int port = RedisServer.FreePort();
        Own(await RedisServer.StartAsync(
            "--tls-port", $"{port}", "--tls-cert-file", certificate, "--tls-key-file", certificate, "--tls-auth-clients", "no", "--tls-ca-cert-file", certificates.File,
            "--user", "default", "on", "nopass", "resetkeys", "resetchannels", "-@all", "+ping",
            "--user", "shop", "on", ">s3cr@t", "~darter:hub:*", "&darter:hub:*", "+@read", "+@write", "+@scripting", "+@pubsub", "+@connection"));
        string url = $"rediss://shop:s3cr%40t@localhost:{port}/2";
        HubNode a = await StartNodeAsync(url, certificates.File);
        HubNode b = await StartNodeAsync(url, certificates.File);
        using TestCertificates others = new(folder, "other");
        HubNode distrustful = await StartNodeAsync(url, others.File);
        await a.SharedAsync();
        await b.SharedAsync();
        EventReader atB = Own(await EventReader.OpenAsync(b.Server, "room"));
        await a.PublishAsync("room", "1");
        await atB.HasAsync(1);
        await distrustful.AwayAsync();

        CommandResult status = await Command.RunAsync(RepositoryPaths.Executable, ["status", "--control", b.Control], Path.GetTempPath());
        Assert.Contains($"backplane   rediss://shop:***@localhost:{port}/2: connected\n", status.Output);
        Assert.Contains("certificate", distrustful.Server.Log.Lines().Single(line => line.Contains("is away", StringComparison.Ordinal)));
        Assert.DoesNotContain("s3cr", a.Server.Log.Text + b.Server.Log.Text + distrustful.Server.Log.Text);
    }

    [Fact]
    public async Task Option_ThatIsNoAddress_IsExplainedWithoutThePassword()
    {
        DarterServer server = Launch(new DarterServerOptions { Target = App("held"), Arguments = ["--hub", "redis://user:s3cret@host/x"] });
        Assert.NotEqual(0, await server.WaitForExitAsync());
        Assert.Contains("--hub: ", server.Log.Text);
        Assert.DoesNotContain("s3cret", server.Log.Text);
    }

    private async Task<RedisServer> StartRedisAsync()
    {
        Assert.SkipUnless(RedisServer.Missing is null, RedisServer.Missing ?? "");
        return Own(await RedisServer.StartAsync());
    }

    private Task<HubNode> StartNodeAsync(RedisServer redis) => StartNodeAsync(redis.Url, authorities: null);

    private async Task<HubNode> StartNodeAsync(string redis, string? authorities)
    {
        string folder = TemporaryFolder();
        string path = Path.Combine(folder, "publish");
        string control = Path.Combine(folder, "control");
        DarterServer server = await StartAsync(new DarterServerOptions
        {
            Target = App("held"),
            Arguments = ["--publish-bind", $"unix:{path}", "--control-socket", control, "--hub-history-size", "10000"],
            Environment = new Dictionary<string, string?> { ["DARTER_HUB"] = redis, ["SSL_CERT_FILE"] = authorities },
        });
        return Own(new HubNode(server, path, control));
    }
}
