using System.Net;
using Darter.Server.Configuration;
using Darter.Server.Configuration.Routes;
using Darter.Server.Proxies;
using Darter.Server.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Route = Darter.Server.Routing.Route;

namespace Darter.Server.Tests.Routing;

public sealed class RouteTableTests
{
    [Fact]
    public void TryFind_OfSeveralThatFit_IsTheFirst()
    {
        RouteTable table = Table(new RouteMatch { Paths = ["/a/*"] }, new RouteMatch { Paths = ["/a/b"] }, new RouteMatch());

        Assert.Equal((0, "b"), Find(table, "/a/b"));
        Assert.Equal((2, null), Find(table, "/c"));
    }

    [Theory]
    [InlineData("/user/7", "a.example.org", 0, "7 a")]
    [InlineData("/user/x", "A.EXAMPLE.org:80", 1, " a")]
    [InlineData("/USER/7", "x", 2, "7 ")]
    [InlineData("/", "example.org", -1, "")]
    public void TryFind_ByRegularExpressions_SaysWhatTheyCapture(string path, string host, int expected, string captured)
    {
        RouteTable table = Table(
            new RouteMatch { Paths = ["~^/user/(?<id>[0-9]+)$"], Hosts = ["~^(?<sub>[a-z]+)\\.example\\.org$"] },
            new RouteMatch { Hosts = ["~^(?<sub>[A-Z]+)\\.example\\.org$"] },
            new RouteMatch { Paths = ["/other", "~*^/user/(?<id>[0-9]+)$"] });

        Assert.True(table.TryFind(Request(path, [("Host", host)]), 0, out RouteHit hit));
        Assert.Equal(expected, hit.Route is null ? -1 : hit.Index);
        Assert.Equal(captured, hit.Captures is null ? "" : $"{Of("id")} {Of("sub")}");

        string Of(string name) => hit.Captures!.TryGet(name, out string value) ? value : "";
    }

    [Fact]
    public void TryFind_FromALaterRouteOn_LeavesThoseBeforeOut()
    {
        RouteTable table = Table(new RouteMatch(), new RouteMatch { Paths = ["/a"] });

        Assert.True(table.TryFind(Request("/a"), 1, out RouteHit hit));
        Assert.Equal(1, hit.Index);
        Assert.True(table.TryFind(Request("/b"), 1, out hit));
        Assert.Null(hit.Route);
    }

    [Theory]
    [InlineData("example.org", 0)]
    [InlineData("EXAMPLE.org:8080", 0)]
    [InlineData("example.org.", 0)]
    [InlineData("a.example.org", 1)]
    [InlineData("[::1]:80", 2)]
    [InlineData("example.com", -1)]
    [InlineData("", -1)]
    public void TryFind_ByHost_TakesItWithoutPortInAnyCase(string host, int expected)
    {
        RouteTable table = Table(new RouteMatch { Hosts = ["Example.org"] }, new RouteMatch { Hosts = ["*.example.org"] }, new RouteMatch { Hosts = ["[::1]"] });

        Assert.Equal(expected, Find(table, "/", [("Host", host)]).Index);
    }

    [Fact]
    public void TryFind_ByMethodAndFields_NeedsAllOfThem()
    {
        RouteTable table = Table(new RouteMatch { Methods = ["GET", "HEAD"], Fields = [new("x-probe", "*"), new("Accept", "text/*")] });

        Assert.Equal(0, Find(table, "/", [("X-Probe", ""), ("Accept", "text/html")]).Index);
        Assert.Equal(-1, Find(table, "/", [("X-Probe", "1")]).Index);
        Assert.Equal(-1, Find(table, "/", [("X-Probe", "1"), ("Accept", "application/json")]).Index);
        Assert.Equal(-1, Find(table, "/", [("X-Probe", "1"), ("Accept", "text/html")], method: "POST").Index);
    }

    [Theory]
    [InlineData("10.1.2.3", null, 0)]
    [InlineData("::ffff:10.1.2.3", null, 0)]
    [InlineData("192.0.2.1", null, -1)]
    [InlineData("192.0.2.1", "10.1.2.3", -1)]
    [InlineData("127.0.0.1", "10.1.2.3", 0)]
    [InlineData("127.0.0.1", "10.1.2.3, 192.0.2.1", -1)]
    [InlineData("127.0.0.1", null, -1)]
    public void TryFind_BySource_BelievesTrustedProxiesAlone(string peer, string? forwarded, int expected)
    {
        Assert.True(TrustedAddresses.TryParse("10.0.0.0/8", out TrustedAddresses? sources, out _));
        RouteTable table = Table(new RouteMatch { Sources = sources });

        Assert.Equal(expected, Find(table, "/", forwarded is null ? [] : [("X-Forwarded-For", forwarded)], peer: peer).Index);
    }

    [Fact]
    public void TryFind_OfAMountedApplication_NeedsAPathBelowIt()
    {
        RouteTable table = new([new Route(new RouteConfig { Name = "1", Action = new AppAction("shop", "/shop") }, null, "", TimeProvider.System)], new ProxyConfig());

        Assert.Equal(0, Find(table, "/shop").Index);
        Assert.Equal(0, Find(table, "/shop/cart").Index);
        Assert.Equal(-1, Find(table, "/shopping").Index);
    }

    [Fact]
    public void TryFind_OfATargetWithDotSegments_RefusesIt() => Assert.False(Table(new RouteMatch()).TryFind(Request("/a/../b"), 0, out _));

    private static RouteTable Table(params RouteMatch[] matches) => new(
        [.. matches.Select((match, index) => new Route(
            new RouteConfig { Name = $"{index}", Match = match, Action = new ResponseAction(204) }, null, "", TimeProvider.System))],
        new ProxyConfig());

    private static (int Index, string? Tail) Find(
        RouteTable table, string target, (string Name, string Value)[]? fields = null, string method = "GET", string peer = "192.0.2.9")
    {
        Assert.True(table.TryFind(Request(target, fields, method, peer), 0, out RouteHit hit));
        return hit.Route is null ? (-1, null) : (hit.Index, hit.Rest);
    }

    private static FeatureCollection Request(string target, (string Name, string Value)[]? fields = null, string method = "GET", string peer = "192.0.2.9")
    {
        FeatureCollection features = new();
        HttpRequestFeature request = new() { Method = method, RawTarget = target, Headers = new HeaderDictionary() };
        foreach ((string name, string value) in fields ?? [])
        {
            request.Headers[name] = value;
        }

        features.Set<IHttpRequestFeature>(request);
        features.Set<IHttpConnectionFeature>(new HttpConnectionFeature { RemoteIpAddress = IPAddress.Parse(peer) });
        return features;
    }
}
