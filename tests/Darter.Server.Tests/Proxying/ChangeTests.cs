using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Darter.Server.Configuration;
using Darter.Server.Proxying;
using Darter.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Darter.Server.Tests.Proxying;

/// <summary>Upstreams that change while the server runs.</summary>
public class ChangeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Apply_WhileARequestRuns_LetsItFinishWhereItIs()
    {
        TaskCompletionSource release = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using HttpUpstream old = await HttpUpstream.StartAsync(async context =>
        {
            await context.Response.WriteAsync("o");
            await context.Response.Body.FlushAsync();
            await release.Task;
            await context.Response.WriteAsync("ld");
        });
        await using HttpUpstream other = await HttpUpstream.StartAsync("other");
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(old.Destination);
        using HttpResponseMessage running = await proxy.Http.GetAsync("/", HttpCompletionOption.ResponseHeadersRead, Cancellation);
        proxy.Apply(new UpstreamConfig { Destinations = [other.Destination], ConnectTimeout = TimeSpan.FromSeconds(3), MaxConnections = 7 });
        Assert.Equal("other", await proxy.Http.GetStringAsync("/", Cancellation));
        release.SetResult();
        Assert.Equal("old", await running.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal([other.Destination.Address], proxy.Destinations.Select(destination => destination.Address));
    }

    [Fact]
    public async Task Apply_OfADestinationThatStays_KeepsItsCounts()
    {
        await using HttpUpstream stays = await HttpUpstream.StartAsync("stays");
        await using HttpUpstream comes = await HttpUpstream.StartAsync("comes");
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(stays.Destination);
        Assert.Equal("stays", await proxy.Http.GetStringAsync("/", Cancellation));
        proxy.Apply(new UpstreamConfig { Destinations = [stays.Destination with { Weight = 4 }, comes.Destination] });
        Assert.Equal(
            [(stays.Destination.Address, 4, 1L), (comes.Destination.Address, 1, 0L)],
            proxy.Destinations.OrderByDescending(destination => destination.Weight).Select(destination => (destination.Address, destination.Weight, destination.Requests)));
    }

    [Fact]
    public async Task Apply_OfWhatIsNotValid_ChangesNothing()
    {
        await using HttpUpstream upstream = await HttpUpstream.StartAsync("here");
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(upstream.Destination);
        Assert.Contains("no destinations", Assert.Throws<ArgumentException>(() => proxy.Apply(new UpstreamConfig { Destinations = [] })).Message, StringComparison.Ordinal);
        Assert.Equal("here", await proxy.Http.GetStringAsync("/", Cancellation));
    }

    [Fact]
    public async Task Apply_OfOtherNames_FindsThem()
    {
        await using HttpUpstream upstream = await HttpUpstream.StartAsync("here");
        using Upstreams upstreams = new(Server([]), TimeProvider.System, NullLoggerFactory.Instance);
        Assert.Null(upstreams.Find("a"));
        Dictionary<string, UpstreamConfig> both = new()
        {
            ["a"] = new() { Destinations = [upstream.Destination] },
            ["b"] = new() { Destinations = [upstream.Destination], HttpVersion = UpstreamHttpVersion.Http2 },
        };
        upstreams.Apply(both);
        IFrontHandler? a = upstreams.Find("A");
        Assert.NotNull(a);
        Assert.NotSame(a, upstreams.Find("b"));
        both.Remove("b");
        upstreams.Apply(both);
        Assert.Same(a, upstreams.Find("a"));
        Assert.Null(upstreams.Find("b"));
        upstreams.Apply(new Dictionary<string, UpstreamConfig>());
        Assert.Null(upstreams.Find("a"));
    }

    [Fact]
    public async Task Name_OfAHost_LeadsToAllItsAddresses_AndIsLookedUpAgain()
    {
        ConcurrentDictionary<string, string[]> dns = new() { ["shop.example"] = ["127.0.0.1", "::1"] };
        Dictionary<string, UpstreamConfig> shop = new()
        {
            ["shop"] = new()
            {
                Destinations = [HttpUpstream.At("http://shop.example:9000"), HttpUpstream.At("https://10.0.0.1:9001")],
                ResolveInterval = TimeSpan.FromMilliseconds(10),
            },
        };
        using Upstreams upstreams = new(Server(shop), TimeProvider.System, NullLoggerFactory.Instance, (name, _) => dns.TryGetValue(name, out string[]? addresses)
            ? Task.FromResult(addresses.Select(IPAddress.Parse).ToArray())
            : throw new SocketException((int)SocketError.HostNotFound));
        await NamesAsync(upstreams, "http://shop.example:9000 (127.0.0.1)", "http://shop.example:9000 (::1)", "https://10.0.0.1:9001");
        Upstream upstream = upstreams.All.Single();
        Destination stays = upstream.Destinations.Single(destination => destination.Name.EndsWith("(127.0.0.1)", StringComparison.Ordinal));
        Assert.Equal("http://127.0.0.1:9000", stays.State.Model.Config.Address);
        Assert.Equal("shop.example:9000", stays.State.Model.Config.Host);

        dns["shop.example"] = ["127.0.0.1", "127.0.0.2"];
        await NamesAsync(upstreams, "http://shop.example:9000 (127.0.0.1)", "http://shop.example:9000 (127.0.0.2)", "https://10.0.0.1:9001");
        Assert.Contains(stays, upstream.Destinations);

        // Nothing is taken away when DNS fails.
        dns.Clear();
        shop["shop"] = shop["shop"] with { MaxConnections = 3 };
        upstreams.Apply(shop);
        await NamesAsync(upstreams, "http://shop.example:9000 (127.0.0.1)", "http://shop.example:9000 (127.0.0.2)", "https://10.0.0.1:9001");
        dns["shop.example"] = ["127.0.0.2"];
        await NamesAsync(upstreams, "http://shop.example:9000 (127.0.0.2)", "https://10.0.0.1:9001");
    }

    [Fact]
    public async Task Name_OfAHostThatIsNotFound_Is502()
    {
        await using ProxyHarness proxy = await ProxyHarness.StartAsync(HttpUpstream.At("http://there-is-none.invalid:9000"));
        using HttpResponseMessage response = await proxy.Http.GetAsync("/", Cancellation);
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
    }

    private static ServerConfig Server(Dictionary<string, UpstreamConfig> upstreams)
    {
        Assert.True(BindAddress.TryParse("127.0.0.1:0", out BindAddress? bind, out _));
        return new ServerConfig { Binds = [bind], Upstreams = upstreams };
    }

    private static Task NamesAsync(Upstreams upstreams, params string[] expected) => Wait.Until(
        () => upstreams.All.Single().Destinations.Select(destination => destination.Name).Order(StringComparer.Ordinal).SequenceEqual(expected.Order(StringComparer.Ordinal)),
        () => $"{string.Join(", ", expected)}, not {string.Join(", ", upstreams.All.Single().Destinations.Select(destination => destination.Name))}");
}
