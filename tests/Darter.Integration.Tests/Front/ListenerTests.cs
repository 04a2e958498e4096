using System.Net;
using System.Net.Sockets;

namespace Darter.Integration.Tests.Front;

/// <summary>Where a server listens.</summary>
public class ListenerTests(ServerPool pool) : ServerTest(pool)
{
    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    [Fact]
    public async Task Connection_ResetBeforeItSaysAnything_IsNoErrorInTheLog()
    {
        DarterServer server = await StartAsync(new DarterServerOptions { Target = App("environ") });
        for (int i = 0; i < 20; i++)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(server.Address.EndPoint, TestContext.Current.CancellationToken);
            socket.LingerState = new LingerOption(true, 0);
        }

        Assert.Equal(0, await server.StopAsync());
        Assert.DoesNotContain("[ERROR]", server.Describe(), StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", server.Describe(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Bind_ToIPv6_Serves(HttpProtocol protocol)
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6 && File.Exists("/proc/net/if_inet6"), "There is no IPv6 on this machine.");
        DarterServer server = await ShareAsync(new DarterServerOptions { Target = App("environ"), Binds = ["[::1]:0"] });
        Assert.Equal(IPAddress.IPv6Loopback, ((IPEndPoint)server.Address.EndPoint).Address);
        using var client = new CoreClient(server, protocol, "environ");
        System.Text.Json.JsonElement environ = await client.GetJsonAsync("/");
        Assert.Equal("::1", environ.GetProperty("REMOTE_ADDR")[1].GetString());
        Assert.Equal("::1", environ.GetProperty("SERVER_NAME")[1].GetString()!.Trim('[', ']'));
        Assert.Equal($"{server.Address.Port}", environ.GetProperty("SERVER_PORT")[1].GetString());
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Bind_ToAUnixSocket_ServesAndRemovesItAtTheEnd(HttpProtocol protocol)
    {
        string path = Path.Combine(TemporaryFolder(), "darter.sock");
        DarterServer server = await StartAsync(new DarterServerOptions { Target = App("environ"), Binds = [$"unix:{path}"] });
        Assert.True(File.Exists(path));
        using (var client = new CoreClient(server, protocol, "environ"))
        {
            System.Text.Json.JsonElement environ = await client.GetJsonAsync("/path");
            Assert.Equal("/path", environ.GetProperty("PATH_INFO")[1].GetString());
            Assert.Equal("str", environ.GetProperty("REMOTE_ADDR")[0].GetString());
            Assert.Equal("str", environ.GetProperty("SERVER_NAME")[0].GetString());
            Assert.Equal("str", environ.GetProperty("SERVER_PORT")[0].GetString());
        }

        Assert.Equal(0, await server.StopAsync());
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task Bind_ToAUnixSocketLeftBehind_ReplacesIt()
    {
        string path = Path.Combine(TemporaryFolder(), "darter.sock");
        using (var left = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            // A server that was killed leaves its socket: bound, but nobody listens. Disposing it here would delete the file.
            left.Bind(new UnixDomainSocketEndPoint(path));
            DarterServer server = await StartAsync(new DarterServerOptions { Target = App("environ"), Binds = [$"unix:{path}"] });
            Assert.Equal(200, (await RawConnection.ExchangeAsync(server.Address, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")).Status);
            await server.StopAsync();
        }
    }

    [Fact]
    public async Task Bind_ToSeveralAddresses_ServesAtEach()
    {
        string path = Path.Combine(TemporaryFolder(), "darter.sock");
        DarterServer server = await StartAsync(
            new DarterServerOptions { Target = App("environ"), Binds = ["127.0.0.1:0", $"unix:{path}", "localhost:0"] });
        Assert.Equal(3, server.Addresses.Count);
        foreach (ServerAddress address in server.Addresses)
        {
            Assert.Equal(200, (await RawConnection.ExchangeAsync(address, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")).Status);
        }
    }

    [Fact]
    public async Task Bind_ToAPortInUse_EndsWithStatus1AndSaysSo()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        DarterServer server = Launch(new DarterServerOptions { Target = App("environ"), Binds = [$"127.0.0.1:{port}"] });
        Assert.Equal(1, await server.WaitForExitAsync());
        await server.WaitForNoProcessAsync();
        Assert.Contains($"127.0.0.1:{port}", server.Log.Text, StringComparison.Ordinal);
        Assert.Contains("in use", server.Log.Text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", server.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bind_ToAUnixSocketInUse_EndsWithStatus1AndLeavesItAlone()
    {
        string path = Path.Combine(TemporaryFolder(), "darter.sock");
        DarterServer first = await StartAsync(new DarterServerOptions { Target = App("environ"), Binds = [$"unix:{path}"] });
        DarterServer second = Launch(new DarterServerOptions { Target = App("environ"), Binds = [$"unix:{path}"] });
        Assert.Equal(1, await second.WaitForExitAsync());
        Assert.Contains(path, second.Log.Text, StringComparison.Ordinal);
        Assert.Equal(200, (await RawConnection.ExchangeAsync(first.Address, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")).Status);
    }

    [Theory]
    [InlineData("127.0.0.1:70000")]
    [InlineData("127.0.0.1:port")]
    [InlineData("256.0.0.1:8000")]
    [InlineData("unix:")]
    [InlineData("unix:/no/such/folder/darter.sock")]
    public async Task Bind_ToNonsense_EndsWithStatus1(string bind)
    {
        DarterServer server = Launch(new DarterServerOptions { Target = App("environ"), Binds = [bind] });
        Assert.Equal(1, await server.WaitForExitAsync());
        await server.WaitForNoProcessAsync();
        Assert.NotEmpty(server.Log.Text + server.Output.Text);
        Assert.DoesNotContain("   at ", server.Log.Text, StringComparison.Ordinal);
    }
}
