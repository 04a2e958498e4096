using System.Net;
using System.Text;
using Darter.Server.Configuration;
using Darter.Server.Configuration.Routes;
using Darter.Server.Control;
using Darter.Testing;
using Darter.Testing.Http;
using Microsoft.AspNetCore.Http;

namespace Darter.Server.Tests.Proxying;

/// <summary>Answers of upstreams in the cache.</summary>
public sealed class CachedUpstreamTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(10)]
    [InlineData(300_000)]
    public async Task Hit_AsksNoDestination_UntilItChangesOrIsPurged(int length)
    {
        string body = new('x', length);
        await using HttpUpstream upstream = await HttpUpstream.StartAsync(context =>
        {
            context.Response.Headers.CacheControl = "public, max-age=60";
            context.Response.Headers.ETag = "\"1\"";
            context.Response.Headers["Surrogate-Key"] = "t";
            context.Response.ContentLength = HttpMethods.IsPost(context.Request.Method) ? 0 : length;
            return HttpMethods.IsPost(context.Request.Method) ? Task.CompletedTask : context.Response.WriteAsync(body);
        });
        await using ProxyHarness proxy = await StartAsync(upstream.Destination);
        Answer first = await GetAsync(proxy, "/a?b");
        Assert.Equal((200, body, "Darter; fwd=uri-miss; stored"), (first.Status, first.Body, first.CacheStatus));
        Assert.False(first.Fields.Contains("Surrogate-Key"));
        Answer hit = await GetAsync(proxy, "/a?b");
        Assert.Equal((200, body), (hit.Status, hit.Body));
        Assert.StartsWith("Darter; hit; ttl=", hit.CacheStatus, StringComparison.Ordinal);
        Assert.Equal(304, (await GetAsync(proxy, "/a?b", ("If-None-Match", "\"1\""))).Status);
        Answer part = await GetAsync(proxy, "/a?b", ("Range", "bytes=3-4"));
        Assert.Equal((206, "xx"), (part.Status, part.Body));
        Assert.Equal(1, upstream.Requests);

        Assert.Equal(1, (await proxy.Server.PurgeCacheAsync(new PurgeOrder { Tag = "t" })).Purged);
        Assert.Equal("Darter; fwd=uri-miss; stored", (await GetAsync(proxy, "/a?b")).CacheStatus);
        using HttpResponseMessage change = await proxy.Http.PostAsync(new Uri("/a?b", UriKind.Relative), content: null, Cancellation);
        Assert.Equal(HttpStatusCode.OK, change.StatusCode);
        Assert.Equal("Darter; fwd=uri-miss; stored", (await GetAsync(proxy, "/a?b")).CacheStatus);
        Assert.Equal(4, upstream.Requests);
    }

    [Fact]
    public async Task Misses_AtTheSameTime_AskOnce()
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using HttpUpstream upstream = await HttpUpstream.StartAsync(async context =>
        {
            asked.TrySetResult();
            await gate.Task;
            context.Response.Headers.CacheControl = "max-age=60";
            await context.Response.WriteAsync("one");
        });
        await using ProxyHarness proxy = await StartAsync(upstream.Destination);
        Task<Answer>[] asks = [.. Enumerable.Range(0, 50).Select(_ => GetAsync(proxy, "/"))];
        await Wait.For(asked.Task, "the request");
        gate.SetResult();
        Assert.All(await Task.WhenAll(asks), answer => Assert.Equal("one", answer.Body));
        Assert.Equal(1, upstream.Requests);
    }

    [Fact]
    public async Task Question_WhetherItIsRight_IsTheFronts_AndItsClientGetsTheWhole()
    {
        await using HttpUpstream upstream = await HttpUpstream.StartAsync(context =>
        {
            context.Response.Headers.CacheControl = "max-age=60";
            context.Response.Headers.ETag = "\"1\"";
            if (context.Request.Headers.IfNoneMatch == "\"1\"")
            {
                context.Response.StatusCode = 304;
                return Task.CompletedTask;
            }

            return context.Response.WriteAsync("whole");
        });
        await using ProxyHarness proxy = await StartAsync(upstream.Destination);
        await GetAsync(proxy, "/");
        Answer answer = await GetAsync(proxy, "/", ("Cache-Control", "no-cache"));
        Assert.Equal((200, "whole", "Darter; fwd=stale; fwd-status=304; stored"), (answer.Status, answer.Body, answer.CacheStatus));
        Assert.Equal(2, upstream.Requests);
    }

    [Fact]
    public async Task Destination_ThatIsDown_IsNotMissed_IfSomethingStaleWillDo()
    {
        await using ProxyHarness proxy = await DownAsync("max-age=60, stale-if-error=60");
        Answer answer = await GetAsync(proxy, "/", ("Cache-Control", "no-cache"));
        Assert.Equal((200, "kept", "Darter; fwd=request; fwd-status=502"), (answer.Status, answer.Body, answer.CacheStatus));
    }

    [Fact]
    public async Task Destination_ThatIsDown_IsAnError_IfNothingStaleWillDo()
    {
        await using ProxyHarness proxy = await DownAsync("max-age=60");
        Assert.Equal(502, (await GetAsync(proxy, "/", ("Cache-Control", "no-cache"))).Status);
    }

    [Fact]
    public async Task Stale_IsGiven_WhileTheFrontAsksAgain()
    {
        int number = 0;
        await using HttpUpstream upstream = await HttpUpstream.StartAsync(context =>
        {
            // It is old when it comes.
            context.Response.Headers.CacheControl = "max-age=10, stale-while-revalidate=1000";
            context.Response.Headers.Age = "100";
            return context.Response.WriteAsync($"{Interlocked.Increment(ref number)}");
        });
        await using ProxyHarness proxy = await StartAsync(upstream.Destination);
        Assert.Equal("1", (await GetAsync(proxy, "/")).Body);
        Answer stale = await GetAsync(proxy, "/");
        Assert.Equal("1", stale.Body);
        Assert.StartsWith("Darter; hit; ttl=-", stale.CacheStatus, StringComparison.Ordinal);
        await Wait.Until(async () => (await GetAsync(proxy, "/")).Body != "1", () => "a newer answer");
    }

    [Fact]
    public async Task Answer_ThatBreaksOff_IsNotKept()
    {
        await using SocketUpstream upstream = SocketUpstream.Start(async (upstream, socket) =>
        {
            await upstream.ReadHeadAsync(socket);
            string length = upstream.Connections == 1 ? "10" : "4";
            await socket.SendAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: {length}\r\n\r\nbody"));
        });
        await using ProxyHarness proxy = await StartAsync(upstream.Destination);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => GetAsync(proxy, "/"));
        Assert.Equal("body", (await GetAsync(proxy, "/")).Body);
        Assert.Equal("body", (await GetAsync(proxy, "/")).Body);
        Assert.Equal(2, upstream.Connections);
    }

    [Fact]
    public async Task Cookie_OfTheDestination_IsForNobodyElse()
    {
        await using HttpUpstream upstream = await HttpUpstream.StartAsync(context =>
        {
            context.Response.Headers.CacheControl = "public, max-age=60";
            return context.Response.WriteAsync("one");
        });
        UpstreamConfig config = new() { Destinations = [upstream.Destination], Sticky = new UpstreamStickyConfig { Cookie = "node" } };
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(config, WithCache);
        Assert.Contains("node=", (await RawAsync(proxy, "/"))["Set-Cookie"], StringComparison.Ordinal);
        RawResponse hit = await RawAsync(proxy, "/");
        Assert.StartsWith("Darter; hit", hit["Cache-Status"], StringComparison.Ordinal);
        Assert.Null(hit["Set-Cookie"]);
    }

    [Fact]
    public async Task Route_SaysWhatIsKept_AndPurgesAreForWhatClientsAskFor()
    {
        int number = 0;
        await using HttpUpstream upstream = await HttpUpstream.StartAsync(context => context.Response.WriteAsync($"{context.Request.Path} {Interlocked.Increment(ref number)}"));
        RouteConfig Of(string path, string? rewrite, RouteCache? cache) => new()
        {
            Name = path,
            Match = new RouteMatch { Paths = [path] },
            Action = new UpstreamAction("shop"),
            Rewrite = rewrite,
            ResponseFields = [new FieldChange("X-Route", path)],
            Cache = cache,
        };
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(
            new UpstreamConfig { Destinations = [upstream.Destination] },
            config => WithCache(config) with
            {
                UpstreamPaths = [],
                Routes = [Of("/kept/*", "/inner/*", new RouteCache(true, TimeSpan.FromHours(1))), Of("/not/*", null, new RouteCache(false)), Of("/usual/*", null, null)],
            });
        Assert.Equal("/inner/a 1", (await GetAsync(proxy, "/kept/a")).Body);
        Answer hit = await GetAsync(proxy, "/kept/a");
        Assert.Equal("/inner/a 1", hit.Body);
        Assert.Equal("/kept/*", Assert.Single(hit.Fields.GetValues("X-Route")));
        Assert.Equal(1, (await proxy.Server.PurgeCacheAsync(new PurgeOrder { Url = "/kept/a" })).Purged);
        Assert.Equal("/inner/a 2", (await GetAsync(proxy, "/kept/a")).Body);

        Answer not = await GetAsync(proxy, "/not/a");
        Assert.Equal(("/not/a 3", ""), (not.Body, not.CacheStatus));

        // It says nothing of caching, and neither does the cache.
        Assert.Equal("/usual/a 4", (await GetAsync(proxy, "/usual/a")).Body);
        Assert.Equal(("/usual/a 5", "Darter; fwd=uri-miss"), ((await GetAsync(proxy, "/usual/a")) is var usual ? usual.Body : "", usual.CacheStatus));
    }

    private static Task<ProxyHarness> StartAsync(UpstreamDestination destination) =>
        ProxyHarness.StartAsync(new UpstreamConfig { Destinations = [destination] }, WithCache);

    private static ServerConfig WithCache(ServerConfig config) => config with { Cache = new CacheConfig { Size = 8 * 1024 * 1024 } };

    /// <summary>A proxy that has one answer, whose destination is gone.</summary>
    private static async Task<ProxyHarness> DownAsync(string cacheControl)
    {
        await using HttpUpstream upstream = await HttpUpstream.StartAsync(context =>
        {
            context.Response.Headers.CacheControl = cacheControl;
            return context.Response.WriteAsync("kept");
        });
        ProxyHarness proxy = await StartAsync(upstream.Destination);
        Assert.Equal("kept", (await GetAsync(proxy, "/")).Body);
        return proxy;
    }

    private static Task<RawResponse> RawAsync(ProxyHarness proxy, string target) =>
        RawConnection.ExchangeAsync(proxy.Address, $"GET {target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");

    private static async Task<Answer> GetAsync(ProxyHarness proxy, string target, params (string Name, string Value)[] fields)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(target, UriKind.Relative));
        foreach ((string name, string value) in fields)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using HttpResponseMessage response = await proxy.Http.SendAsync(request, Cancellation);
        string status = response.Headers.TryGetValues("Cache-Status", out IEnumerable<string>? values) ? string.Join(", ", values) : "";
        return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation), status, response.Headers);
    }

    private sealed record Answer(int Status, string Body, string CacheStatus, System.Net.Http.Headers.HttpResponseHeaders Fields);
}
