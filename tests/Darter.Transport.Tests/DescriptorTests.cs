using System.Net.Sockets;
using Darter.Transport.Tests.Native;

namespace Darter.Transport.Tests;

[Collection(ProcessWide.Name)]
public sealed class DescriptorTests
{
    [Fact]
    public async Task Connections_ThousandAtOnce_AreServedAndLeaveNoDescriptor()
    {
        const int Connections = 1000;
        await using TestServer server = await TestServer.StartAsync(Applications.EchoPath);
        await WarmUpAsync(server);
        int before = OpenDescriptors();
        for (int round = 0; round < 2; round++)
        {
            TestClient[] clients = await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => server.ConnectAsync()));
            await Wait.For(
                Task.WhenAll(clients.Select(async (client, i) =>
                {
                    for (int j = 0; j < 3; j++)
                    {
                        await client.GetAsync($"/{i}");
                        Assert.EndsWith($"\r\n\r\n/{i}", await client.ReadResponseAsync(), StringComparison.Ordinal);
                    }
                })),
                "every client's answers");

            // Idle now: none holds a block.
            Assert.InRange(server.Loops[0].Blocks.FreeCount, 1, 1000);
            Array.ForEach(clients, client => client.Dispose());
            await Wait.Until(() => OpenDescriptors() <= before, () => $"{OpenDescriptors()} descriptors to become {before}");
        }
    }

    [Fact]
    public async Task Connections_EndedInEveryWay_LeaveNoDescriptor()
    {
        await using TestServer server = await TestServer.StartAsync(Applications.EchoPath);
        await WarmUpAsync(server);
        int before = OpenDescriptors();
        for (int i = 0; i < 200; i++)
        {
            using TestClient client = await server.ConnectAsync();
            switch (i % 5)
            {
                case 0:
                    // Nothing was ever sent.
                    break;
                case 1:
                    await client.GetAsync("/", "Connection: close\r\n");
                    await client.ReadToEndAsync();
                    break;
                case 2:
                    await client.GetAsync();
                    client.Socket.Close(timeout: 0);
                    break;
                case 3:
                    await client.SendAsync("nonsense\r\n\r\nand more of it");
                    await client.ReadToEndAsync();
                    break;
                case 4:
                    await client.SendAsync("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\nhalf");
                    client.Socket.Shutdown(SocketShutdown.Both);
                    break;
            }
        }

        await Wait.Until(() => OpenDescriptors() <= before, () => $"{OpenDescriptors()} descriptors to become {before}");
    }

    [Fact]
    public async Task Accept_OutOfDescriptors_PausesAndGoesOn()
    {
        await using TestServer server = await TestServer.StartAsync(Applications.EchoPath);
        await WarmUpAsync(server);
        TestClient[] clients = [.. Enumerable.Range(0, 5).Select(_ => new TestClient(Address.NewSocket(server.EndPoint)))];
        using (LimitDescriptors())
        {
            foreach (TestClient client in clients)
            {
                await client.Socket.ConnectAsync(server.EndPoint);
                await client.GetAsync();
            }

            await Wait.Until(() => !server.Logged.IsEmpty, "the log to tell");
        }

        foreach (TestClient client in clients)
        {
            Assert.EndsWith("\r\n\r\n/", await client.ReadResponseAsync(), StringComparison.Ordinal);
            client.Dispose();
        }

        Assert.True(server.Logged.TryDequeue(out string? entry));
        Assert.Contains("cannot be accepted", entry, StringComparison.Ordinal);

        // Repeated once a second at most.
        server.Logged.Clear();
    }

    /// <summary>A first request, with which everything comes that needs a descriptor of its own.</summary>
    private static async Task WarmUpAsync(TestServer server)
    {
        using (TestClient first = await server.ConnectAsync())
        {
            await first.GetAsync();
            await first.ReadResponseAsync();
        }

        await Wait.Until(() => server.Loops[0].RunAsync(() => true), () => "the loop");
    }

    /// <summary>Sockets, event polls and the like; .NET opens files of its own whenever it loads an assembly.</summary>
    private static int OpenDescriptors() =>
        Directory.GetFiles("/proc/self/fd").Count(descriptor => new FileInfo(descriptor).LinkTarget?.Contains(":[", StringComparison.Ordinal) == true);

    /// <summary>Allows no further descriptor until disposed.</summary>
    private static unsafe RestoredLimit LimitDescriptors()
    {
        Libc.rlimit before;
        Assert.Equal(0, Libc.getrlimit(Libc.RLIMIT_NOFILE, &before));
        Libc.rlimit limit = before;

        // Every number below the limit is taken, since the lowest free one is what an open gets: see what that is.
        using (FileStream probe = File.OpenRead("/dev/null"))
        {
            limit.rlim_cur = (ulong)probe.SafeFileHandle.DangerousGetHandle();
        }

        Assert.Equal(0, Libc.setrlimit(Libc.RLIMIT_NOFILE, &limit));
        return new RestoredLimit(before);
    }

    private sealed unsafe class RestoredLimit(Libc.rlimit before) : IDisposable
    {
        public void Dispose()
        {
            Libc.rlimit limit = before;
            Assert.Equal(0, Libc.setrlimit(Libc.RLIMIT_NOFILE, &limit));
        }
    }
}
