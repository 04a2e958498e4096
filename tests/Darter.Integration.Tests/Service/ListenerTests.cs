using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Service;

/// <summary>Addresses that are more than host and port.</summary>
public class ListenerTests(ServerPool pool) : ServiceTest(pool)
{
    public static TheoryData<HttpProtocol> Protocols => Rows.OfProtocols;

    [Theory]
    [InlineData("", "", "777")]
    [InlineData("", "--umask=007", "770")]
    [InlineData("", "-m=0o27", "750")]
    [InlineData("", "--umask=63", "700")]
    [InlineData("?mode=660", "", "660")]
    [InlineData("?mode=0600", "--umask=0", "600")]
    public async Task UnixSocket_WithAModeOrAUmask_HasThePermissions(string query, string argument, string expected)
    {
        string path = Path.Combine(TemporaryFolder(), "darter.sock");
        DarterServer server = await StartAsync(Options(argument.Length > 0 ? [argument] : []) with { Binds = [$"unix:{path}{query}"] });
        Assert.Equal(expected, Convert.ToString((int)File.GetUnixFileMode(path), 8));
        await AskAsync(server.Address);
        Assert.Equal(0, await server.StopAsync());
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task UnixSocket_WithAnOwner_BelongsToIt()
    {
        Require.Root();
        string path = Path.Combine(TemporaryFolder(), "darter.sock");
        await StartAsync(Options() with { Binds = [$"unix:{path}?mode=600&user={Nobody}&group=7"] });
        CommandResult owner = await Command.RunAsync("stat", ["-c", "%U %g %a", path]);
        Assert.Equal($"{Nobody} 7 600", owner.Output.Trim());
    }

    [Theory]
    [InlineData("?mode=999", "mode")]
    [InlineData("?mode=rw", "mode")]
    [InlineData("?user=no-such-user", "no-such-user")]
    [InlineData("?group=no-such-group", "no-such-group")]
    [InlineData("?color=red", "color")]
    public async Task UnixSocket_WithNonsense_EndsWithStatus1AndSaysWhat(string query, string expected)
    {
        string path = Path.Combine(TemporaryFolder(), "darter.sock");
        DarterServer server = Launch(Options() with { Binds = [$"unix:{path}{query}"] });
        Assert.Equal(1, await server.WaitForExitAsync());
        Assert.Contains(expected, Assert.Single(server.Log.Lines()), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Descriptor_ThatListens_Serves(HttpProtocol protocol)
    {
        DarterServer server = await StartAsync(Options() with { Binds = ["fd://3"], Launcher = PassSockets("tcp") });
        Assert.NotEqual(0, server.Address.Port);
        using HttpClient client = ServerClient.Create(server.Address, protocol);
        Assert.Contains("uid", await client.GetStringAsync("/", Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Descriptor_BoundOnly_IsListenedOn()
    {
        DarterServer server = await StartAsync(Options() with { Binds = ["fd://3"], Launcher = PassSockets("bound=tcp") });
        await AskAsync(server.Address);
    }

    [Fact]
    public async Task Descriptor_OfAUnixSocket_ServesAndLeavesTheFile()
    {
        string path = Path.Combine(TemporaryFolder(), "parent.sock");
        DarterServer server = await StartAsync(
            Options() with { Binds = ["fd://3", "127.0.0.1:0"], Launcher = PassSockets($"unix={path}") });
        Assert.Equal(2, server.Addresses.Count);
        await AskAsync(server.Addresses[0]);
        await AskAsync(server.Addresses[1]);
        Assert.Equal(0, await server.StopAsync());
        Assert.True(File.Exists(path));
    }

    [Fact]
    public async Task Descriptor_OfStandardInput_Serves()
    {
        // As supervisord passes sockets; the launcher moves what it opened there.
        string[] launcher = ["/bin/sh", "-c", "exec \"$@\" <&3 3<&-", "sh"];
        DarterServer server = await StartAsync(Options() with { Binds = ["fd://0"], Launcher = [.. PassSockets("tcp"), .. launcher] });
        await AskAsync(server.Address);
        int worker = Assert.Single(server.Workers);
        Assert.Equal("/dev/null", File.ResolveLinkTarget($"/proc/{worker}/fd/0", returnFinalTarget: false)!.FullName);
    }

    [Theory]
    [InlineData("file", "is not a socket")]
    [InlineData("udp", "is not a stream socket")]
    [InlineData("connected", "is a connection, not a listening socket")]
    [InlineData("unbound", "is bound to no address")]
    public async Task Descriptor_ThatCannotBeListenedOn_EndsWithStatus1AndSaysWhy(string kind, string expected)
    {
        DarterServer server = Launch(Options() with { Binds = ["fd://3"], Launcher = PassSockets(kind) });
        Assert.Equal(1, await server.WaitForExitAsync());
        await server.WaitForNoProcessAsync();
        string line = Assert.Single(server.Log.Lines(), line => line.Contains("[CRITICAL]", StringComparison.Ordinal));
        Assert.Contains("fd://3", line, StringComparison.Ordinal);
        Assert.Contains(expected, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Descriptor_ThatIsNotOpen_EndsWithStatus1AndSaysSo()
    {
        DarterServer server = Launch(Options() with { Binds = ["fd://987"] });
        Assert.Equal(1, await server.WaitForExitAsync());
        Assert.Contains("The inherited descriptor 987 is not open", server.Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fd://")]
    [InlineData("fd://three")]
    [InlineData("fd://-1")]
    public async Task Descriptor_ThatIsNoNumber_EndsWithStatus1(string bind)
    {
        DarterServer server = Launch(Options() with { Binds = [bind] });
        Assert.Equal(1, await server.WaitForExitAsync());
        Assert.Contains(bind, Assert.Single(server.Log.Lines()), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task SocketActivation_WithSockets_ServesThemInsteadOfBind(HttpProtocol protocol)
    {
        string path = Path.Combine(TemporaryFolder(), "activated.sock");
        int unused = FreePort();
        DarterServer server = await StartAsync(
            Options() with { Binds = [$"127.0.0.1:{unused}"], Launcher = PassSockets("--activate", "web:local", "tcp", $"unix={path}") });
        await server.Log.WaitForAsync("Socket activation: listening at what the service manager opened (fd://3 web, fd://4 local), not at --bind");
        await Wait.Until(() => server.Addresses.Count == 2, "both addresses");
        Assert.DoesNotContain(server.Addresses, address => address.Port == unused);
        foreach (ServerAddress address in server.Addresses)
        {
            using HttpClient client = ServerClient.Create(address, protocol);
            string answer = await client.GetStringAsync("/", Cancellation);
            Assert.DoesNotContain("LISTEN_", answer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task SocketActivation_AndAReload_ChangeNoAddress()
    {
        string control = Path.Combine(TemporaryFolder(), "control.sock");
        await StartAsync(Options("--control-socket", control) with { Launcher = PassSockets("--activate", "web", "tcp") });
        CommandResult reload = await Command.RunAsync(RepositoryPaths.Executable, ["reload", "--json", "--control", control]);
        Assert.Equal(0, reload.ExitCode);
        using JsonDocument outcome = JsonDocument.Parse(reload.Output);
        Assert.Equal(2, outcome.RootElement.GetProperty("generation").GetInt32());
        Assert.DoesNotContain("--bind", reload.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SocketActivation_ForAnotherProcess_IsIgnored()
    {
        DarterServer server = await StartAsync(
            Options() with { Environment = new Dictionary<string, string?> { ["LISTEN_PID"] = "1", ["LISTEN_FDS"] = "1" } });
        Assert.DoesNotContain("Socket activation", server.Log.Text, StringComparison.Ordinal);
        await AskAsync(server.Address);
    }

    [Fact]
    public async Task SocketActivation_WithWhatIsNoSocket_EndsWithStatus1()
    {
        DarterServer server = Launch(Options() with { Launcher = PassSockets("--activate", "web", "file") });
        Assert.Equal(1, await server.WaitForExitAsync());
        Assert.Contains("descriptor 3 is not a socket", server.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReusePort_WithTwoServers_LetsBothListen()
    {
        using var reserved = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        reserved.SetRawSocketOption(1, 15, BitConverter.GetBytes(1));
        reserved.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        string bind = reserved.LocalEndPoint!.ToString()!;
        DarterServer first = await StartAsync(Options("--reuse-port") with { Binds = [bind] });
        DarterServer second = await StartAsync(Options("--reuse-port") with { Binds = [bind] });
        HashSet<int> fronts = [];
        await Wait.Until(
            async () => fronts.Add((await AskAsync(first.Address)).GetProperty("front").GetInt32()) && fronts.Count == 2,
            () => "answers of both");
        Assert.Equal([first.Pid, second.Pid], fronts.Order());

        DarterServer third = Launch(Options() with { Binds = [bind] });
        Assert.Equal(1, await third.WaitForExitAsync());
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
