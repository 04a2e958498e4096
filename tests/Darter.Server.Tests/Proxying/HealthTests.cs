using System.Net;
using Darter.Server.Configuration;
using Darter.Testing;
using Microsoft.AspNetCore.Http;

namespace Darter.Server.Tests.Proxying;

/// <summary>Destinations that are unwell, full, or sticky.</summary>
public class HealthTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Check_ThatIsNotPassed_TakesTheRequestsAway_AndGivesThemBack()
    {
        int status = 200;
        await using HttpUpstream changing = await HttpUpstream.StartAsync(context =>
        {
            context.Response.StatusCode = context.Request.Path == "/health" ? Volatile.Read(ref status) : 200;
            return context.Response.WriteAsync($"changing {context.Request.QueryString}");
        });
        await using HttpUpstream steady = await HttpUpstream.StartAsync("steady");
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(new UpstreamConfig
        {
            Destinations = [changing.Destination, steady.Destination],
            Policy = UpstreamPolicy.RoundRobin,
            Health = new UpstreamHealthConfig { Path = "/health?deep=1", Interval = TimeSpan.FromMilliseconds(20), Fails = 2 },
        });
        string address = changing.Destination.Address;
        Volatile.Write(ref status, 500);
        await Wait.Until(() => StateOf(proxy, address) == "unhealthy", "the check to fail");
        await proxy.LoggedAsync($"{address} gets no requests, since it does not pass the health check");
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal("steady", await proxy.Http.GetStringAsync("/", Cancellation));
        }

        Volatile.Write(ref status, 204);
        await Wait.Until(() => StateOf(proxy, address) == "available", "the check to be passed");
        await proxy.LoggedAsync($"{address} gets requests again");
        await Wait.Until(async () => await proxy.Http.GetStringAsync("/", Cancellation) != "steady", () => "a request for it");
    }

    [Fact]
    public async Task Check_ThatNobodyPasses_Is503()
    {
        await using HttpUpstream upstream = await HttpUpstream.StartAsync(context =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        });
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(new UpstreamConfig
        {
            Destinations = [upstream.Destination],
            Health = new UpstreamHealthConfig { Path = "/", Interval = TimeSpan.FromMilliseconds(20), Fails = 1 },
        });
        await Wait.Until(() => proxy.Destinations[0].State == "unhealthy", "the check to fail");
        await proxy.LoggedAsync("no destination is left");
        using HttpResponseMessage response = await proxy.Http.GetAsync("/", Cancellation);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "1"), (response.StatusCode, response.Headers.GetValues("Retry-After").Single()));
    }

    [Fact]
    public async Task Failures_OfRequests_TakeTheRequestsAwayForAWhile()
    {
        await using SocketUpstream breaking = SocketUpstream.Start(async (upstream, socket) => await upstream.ReadHeadAsync(socket));
        await using HttpUpstream alive = await HttpUpstream.StartAsync("alive");
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(new UpstreamConfig
        {
            Destinations = [breaking.Destination, alive.Destination],
            Policy = UpstreamPolicy.RoundRobin,
            Passive = new UpstreamPassiveConfig { FailTimeout = TimeSpan.FromMilliseconds(500) },
        });
        string address = breaking.Destination.Address;
        await Wait.Until(
            async () =>
            {
                Assert.Equal("alive", await proxy.Http.GetStringAsync("/", Cancellation));
                return proxy.Log.Any(line => line.Contains($"{address} gets no requests, since requests to it failed", StringComparison.Ordinal));
            },
            () => "the destination to have a pause");
        await proxy.LoggedAsync($"{address} gets requests again");
        await Wait.Until(() => StateOf(proxy, address) == "available", "the pause to end");
    }

    [Fact]
    public async Task Failures_OfTheOnlyDestination_DoNotTakeItAway()
    {
        await using SocketUpstream breaking = SocketUpstream.Start(async (upstream, socket) => await upstream.ReadHeadAsync(socket));
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(breaking.Destination);
        for (int i = 0; i < 3; i++)
        {
            using HttpResponseMessage response = await proxy.Http.GetAsync("/", Cancellation);
            Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        }

        Assert.True(breaking.Connections >= 3);
    }

    [Fact]
    public async Task Destinations_ThatAreFull_Are503()
    {
        TaskCompletionSource release = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using HttpUpstream upstream = await HttpUpstream.StartAsync(async context =>
        {
            if (context.Request.Path == "/wait")
            {
                await release.Task;
            }
        });
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(new UpstreamConfig { Destinations = [upstream.Destination], MaxConnections = 2 });
        Task<HttpResponseMessage>[] waiting = [proxy.Http.GetAsync("/wait", Cancellation), proxy.Http.GetAsync("/wait", Cancellation)];
        await Wait.Until(() => proxy.Destinations[0].Running == 2, "the requests");
        using (HttpResponseMessage response = await proxy.Http.GetAsync("/", Cancellation))
        {
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "1"), (response.StatusCode, response.Headers.GetValues("Retry-After").Single()));
        }

        await proxy.LoggedAsync("all destinations have 2 requests");
        release.SetResult();
        foreach (HttpResponseMessage response in await Wait.For(Task.WhenAll(waiting), "the answers"))
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            response.Dispose();
        }

        await Wait.Until(() => proxy.Destinations[0].Running == 0, "the end of the requests");
        Assert.Equal("", await proxy.Http.GetStringAsync("/", Cancellation));
    }

    [Fact]
    public async Task Client_WithACookie_StaysWhereItIs_UntilThatIsGone()
    {
        await using HttpUpstream first = await HttpUpstream.StartAsync("first");
        await using HttpUpstream second = await HttpUpstream.StartAsync("second");
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(new UpstreamConfig
        {
            Destinations = [first.Destination, second.Destination],
            Policy = UpstreamPolicy.RoundRobin,
            Sticky = new UpstreamStickyConfig { Cookie = "node", MaxAge = TimeSpan.FromHours(1) },
        });
        (string name, string? cookie) = await AskAsync(proxy, null);
        Assert.Matches("^node=[0-9a-f]{16}; max-age=3600; path=/; httponly$", cookie);
        for (int i = 0; i < 5; i++)
        {
            (string again, string? noCookie) = await AskAsync(proxy, cookie!.Split(';')[0]);
            Assert.Equal((name, null), (again, noCookie));
        }

        (string other, string? foreign) = await AskAsync(proxy, "node=0000");
        Assert.NotEmpty(other);
        Assert.NotNull(foreign);
        await (name == "first" ? first : second).DisposeAsync();
        (string survivor, string? newCookie) = await AskAsync(proxy, cookie!.Split(';')[0]);
        Assert.Equal(name == "first" ? "second" : "first", survivor);
        Assert.NotNull(newCookie);
        Assert.NotEqual(cookie, newCookie);
    }

    private static string StateOf(ProxyHarness proxy, string address) => proxy.Destinations.Single(destination => destination.Address == address).State;

    private static async Task<(string Name, string? Cookie)> AskAsync(ProxyHarness proxy, string? cookie)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "/");
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        using HttpResponseMessage response = await proxy.Http.SendAsync(request, Cancellation);
        return (await response.Content.ReadAsStringAsync(Cancellation), response.Headers.TryGetValues("Set-Cookie", out IEnumerable<string>? values) ? values.Single() : null);
    }
}
