using Darter.Cli.Settings;
using Darter.Server.Configuration;

namespace Darter.Cli.Tests;

/// <summary>Options about servers that requests go to.</summary>
public class UpstreamOptionsTests
{
    [Fact]
    public async Task Upstreams_OfPaths_AreNamedByThemAndTheLongestIsFirst()
    {
        using SettingsFixture fixture = new();
        ServerConfig server = await LoadAsync(
            fixture, "--upstream", "/=unix:/run/a.sock", "--upstream", "/api/=http://10.0.0.1:9000, http://b", "--upstream-policy", "least-requests", "--upstream-health", "/up", "--upstream-sticky", "node");
        Assert.Equal([new UpstreamPath("/api", "/api"), new UpstreamPath("", "/")], server.UpstreamPaths);
        UpstreamConfig api = server.Upstreams["/api"];
        Assert.Equal(["http://10.0.0.1:9000", "http://b:80"], api.Destinations.Select(destination => destination.Address));
        Assert.Equal((UpstreamPolicy.LeastRequests, "/up", "node"), (api.Policy, api.Health?.Path, api.Sticky?.Cookie));
        Assert.Equal("unix:/run/a.sock", Assert.Single(server.Upstreams["/"].Destinations).Address);
    }

    [Fact]
    public async Task Upstreams_AreNoneUnlessTheyAreAskedFor()
    {
        using SettingsFixture fixture = new();
        ServerConfig server = await LoadAsync(fixture);
        Assert.Empty(server.Upstreams);
        Assert.Empty(server.UpstreamPaths);
    }

    [Theory]
    [InlineData("api=http://h", "--upstream: 'api=http://h' is not /PATH=ADDRESS,...")]
    [InlineData("/api", "--upstream: '/api' is not /PATH=ADDRESS,...")]
    [InlineData("/api=h:9000", "--upstream: 'h:9000' is not a destination")]
    [InlineData("/api=http://h/path", "a destination is a host and a port only")]
    [InlineData("/api=http://h,http://h:80", "has the destination http://h:80 more than once")]
    [InlineData("/api=", "the upstream '/api' has no destinations")]
    [InlineData("/a=http://h --upstream /a/=http://i", "--upstream: /a is there twice")]
    [InlineData("/a=http://h --upstream-health up", "must begin with a slash, not 'up'")]
    [InlineData("/a=http://h --upstream-sticky a;b", "'a;b' cannot be the name of a cookie")]
    public async Task Options_ThatMakeNoSense_AreReported(string arguments, string expected)
    {
        using SettingsFixture fixture = new();
        LoadedConfig loaded = await fixture.LoadAsync(["app:x", "--upstream", .. arguments.Split(' ')]);
        Assert.Contains(loaded.Errors, error => error.Contains(expected, StringComparison.Ordinal));
    }

    private static async Task<ServerConfig> LoadAsync(SettingsFixture fixture, params string[] arguments)
    {
        LoadedConfig loaded = await fixture.LoadAsync(["app:x", .. arguments]);
        Assert.Empty(loaded.Errors);
        return loaded.Config!.Server;
    }
}
