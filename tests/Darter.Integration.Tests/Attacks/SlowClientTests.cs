using System.Text;
using System.Text.RegularExpressions;
using Darter.Integration.Tests.Lifecycle;
using Darter.Integration.Tests.Protocols;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Attacks;

/// <summary>Many clients that send and read as slowly as they can keep nobody else from being served, and are got rid of.</summary>
public class SlowClientTests(ServerPool pool) : ServerTest(pool)
{
    private const string Program = "slowhttptest";

    [Fact]
    public async Task Slowhttptest_OfEachKind_LeavesTheServerToTheOthers()
    {
        Assert.SkipUnless(Command.Exists(Program), $"{Program} is not installed (Debian: apt-get install {Program}).");
        DarterServer server = await StartAsync(new DarterServerOptions { Target = App("sized"), Workers = 1, Arguments = ["--request-header-timeout", "2"] });
        int sockets = await SettleAsync(server);
        ContinuousLoad others = Own(new ContinuousLoad(server.Address, connections: 2));

        // Heads and bodies that do not come are given up by the server, long before the program would end by itself. A response
        // that is taken, however slowly, is not, so that this one ends when the program has had enough.
        Task<string> heads = AttackAsync(server, "/", "-H", "-i", "1", "-l", "25");
        Task<string> bodies = AttackAsync(server, "/", "-B", "-i", "1", "-l", "25");
        Task<string> responses = AttackAsync(server, "/?size=300000", "-X", "-l", "5");
        foreach (string output in (string[])[await heads, await bodies])
        {
            Assert.Contains("No open connections left", output, StringComparison.Ordinal);
        }

        Assert.DoesNotMatch(@"service available:\s+NO", await heads + await bodies + await responses);
        Assert.Matches(@"service available:\s+YES", await responses);
        await others.StopAsync();
        Assert.Empty(others.Failures);
        Assert.True(others.Total > 0, "Nobody else asked.");
        await Wait.Until(() => SocketsOf(server) <= sockets, () => $"{sockets} sockets, not {SocketsOf(server)}");
    }

    [Fact]
    public async Task GatewayListeners_WithManySlowClients_ServeTheOthers()
    {
        const int Each = 20;
        const int Size = 500_000;
        DarterServer server = await StartAsync(new DarterServerOptions
        {
            Target = App("sized"),
            Workers = 1,
            Binds = [.. GatewayRequest.Binds, "127.0.0.1:0"],
            Arguments = ["--request-header-timeout", "1", "--proxy-protocol", "auto"],
        });
        int sockets = await SettleAsync(server, bind: 3);
        List<RawConnection> heads = [];
        List<(RawConnection Connection, int Bind)> bodies = [];
        List<RawConnection> responses = [];
        for (int i = 0; i < Each; i++)
        {
            for (int bind = 0; bind < 3; bind++)
            {
                heads.Add(await OpenAsync(server, bind, new GatewayRequest("/").Whole(bind)[..(2 + i)]));
                bodies.Add((await OpenAsync(server, bind, new GatewayRequest("/", 1000).Begun(bind)), bind));
                responses.Add(await OpenAsync(server, bind, new GatewayRequest($"/?size={Size}").Whole(bind), receiveBuffer: 4096));
            }

            heads.Add(await OpenAsync(server, 3, i % 2 == 0 ? "PROX" : "\r\n\r\n\0\r\nQU"));
        }

        for (int bind = 0; bind < 3; bind++)
        {
            await using RawConnection other = await RawConnection.OpenAsync(server.Addresses[bind]);
            await other.WriteAsync(new GatewayRequest("/", 5).Whole(bind));
            Assert.Contains(" 200 OK\r\n", Encoding.Latin1.GetString(await other.ReadToEndAsync()), StringComparison.Ordinal);
        }

        foreach (RawConnection head in heads)
        {
            Assert.True(await head.IsClosedAsync());
        }

        foreach ((RawConnection body, int bind) in bodies)
        {
            string answer = Encoding.Latin1.GetString(await body.ReadToEndAsync());
            Assert.Contains($"{(bind == 0 ? "HTTP/1.1" : "Status:")} 408 ", answer, StringComparison.Ordinal);
        }

        foreach (RawConnection response in responses)
        {
            Assert.InRange((await response.ReadToEndAsync()).Length, Size, Size + 4096);
            await response.DisposeAsync();
        }

        await Wait.Until(() => SocketsOf(server) <= sockets, () => $"{sockets} sockets, not {SocketsOf(server)}");
    }

    private static async Task<string> AttackAsync(DarterServer server, string target, params string[] options)
    {
        CommandResult result = await Command.RunAsync(
            Program, ["-c", "150", "-r", "500", "-p", "25", "-u", new Uri(server.Address.Uri, target).ToString(), .. options]);
        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        return Regex.Replace(result.Output, @"\x1b\[[0-9;]*[A-Za-z]", "");
    }

    private async Task<RawConnection> OpenAsync(DarterServer server, int bind, string text, int? receiveBuffer = null)
    {
        RawConnection connection = Own(await RawConnection.OpenAsync(server.Addresses[bind], receiveBuffer));
        await connection.WriteAsync(text);
        return connection;
    }

    /// <summary>Has a request answered, and returns how many sockets the front has without connections of clients.</summary>
    private static async Task<int> SettleAsync(DarterServer server, int bind = 0)
    {
        int sockets = SocketsOf(server);
        RawResponse response = await RawConnection.ExchangeAsync(server.Addresses[bind], "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        Assert.Equal(200, response.Status);
        return sockets;
    }

    private static int SocketsOf(DarterServer server) =>
        LinuxProcess.Descriptors(server.Pid).Count(name => name.Contains("socket:", StringComparison.Ordinal));
}
