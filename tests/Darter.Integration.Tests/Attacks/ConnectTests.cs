using System.Net.Sockets;
using System.Text;
using Darter.Integration.Tests.Lifecycle;
using Darter.Integration.Tests.Protocols;
using Darter.Testing.Processes;

namespace Darter.Integration.Tests.Attacks;

/// <summary>Connections that are made and left again, by the hundred thousand.</summary>
public class ConnectTests(ServerPool pool) : ServerTest(pool)
{
    private const int Threads = 4;
    private const int MemoryAllowance = 64 * 1024;

    private static readonly byte[][] Beginnings = [.. ((string[])["GET / HT", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "\u0016\u0003\u0001\u0002\0\u0001", "\0\u0010\0"]).Select(Encoding.Latin1.GetBytes)];

    [Fact]
    public async Task Connects_ByTheHundredThousand_LeaveNothingBehind()
    {
        DarterServer server = await StartAsync(new DarterServerOptions { Target = App("sized"), Workers = 1, Binds = ["127.0.0.1:0", .. GatewayRequest.Binds] });
        int sockets = SocketsOf(server);
        await ConnectAsync(server, 5_000);
        await AskAsync(server);
        long memory = LinuxProcess.AnonymousMemory(server.Pid);

        ContinuousLoad others = Own(new ContinuousLoad(server.Address, connections: 1));
        await ConnectAsync(server, 100_000);
        await others.StopAsync();
        Assert.Empty(others.Failures);
        Assert.True(others.Total > 0, "Nobody else asked.");

        await AskAsync(server);
        await Wait.Until(() => SocketsOf(server) <= sockets, () => $"{sockets} sockets, not {SocketsOf(server)}");
        Assert.InRange(LinuxProcess.AnonymousMemory(server.Pid), 0, memory + MemoryAllowance);
        Assert.Equal(0, await server.StopAsync());
    }

    /// <summary>Most to the listener of HTTP, some to each of the others.</summary>
    private static Task ConnectAsync(DarterServer server, int count)
    {
        IReadOnlyList<ServerAddress> addresses = server.Addresses;
        return Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(
            () =>
            {
                for (int i = thread; i < count; i += Threads)
                {
                    ConnectOnce(addresses[Math.Max(0, (i / Threads % 20) - 16)], i / Threads);
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
    }

    private static void ConnectOnce(ServerAddress address, int number)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(address.EndPoint);
        if (number % 2 == 1)
        {
            socket.Send(Beginnings[number / 2 % Beginnings.Length]);
        }

        if (number % 8 > 1)
        {
            // With a reset: the ports of those that end in order are taken for another minute, and there are less than 30,000.
            socket.LingerState = new LingerOption(true, 0);
        }
    }

    private static async Task AskAsync(DarterServer server)
    {
        RawResponse response = await RawConnection.ExchangeAsync(server.Address, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        Assert.Equal(200, response.Status);
        for (int bind = 0; bind < GatewayRequest.Binds.Length; bind++)
        {
            await using RawConnection connection = await RawConnection.OpenAsync(server.Addresses[bind + 1]);
            await connection.WriteAsync(new GatewayRequest("/").Whole(bind));
            Assert.Contains(" 200 OK\r\n", Encoding.Latin1.GetString(await connection.ReadToEndAsync()), StringComparison.Ordinal);
        }
    }

    private static int SocketsOf(DarterServer server) =>
        LinuxProcess.Descriptors(server.Pid).Count(name => name.Contains("socket:", StringComparison.Ordinal));
}
