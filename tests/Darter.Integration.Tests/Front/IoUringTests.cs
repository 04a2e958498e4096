namespace Darter.Integration.Tests.Front;

/// <summary>--io-uring: whether the front has a ring.</summary>
public class IoUringTests(ServerPool pool) : ServerTest(pool)
{
    [Fact]
    public async Task Off_HasNoRing()
    {
        DarterServer usual = await StartAsync(new DarterServerOptions { Target = App("environ") });
        Assert.SkipUnless(HasRing(usual), "The kernel has no io_uring, or forbids it.");

        DarterServer server = await StartAsync(new DarterServerOptions { Target = App("environ"), Arguments = ["--io-uring", "off"] });
        Assert.False(HasRing(server));
        using var client = new CoreClient(server, HttpProtocol.Http1, "environ");
        Assert.Equal("/", (await client.GetJsonAsync("/")).GetProperty("PATH_INFO")[1].GetString());
    }

    private static bool HasRing(DarterServer server) =>
        File.ReadAllText($"/proc/{server.Pid}/maps").Contains("io_uring", StringComparison.Ordinal);
}
