using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Darter.Transport.Tests;

/// <summary>Addresses that are opened ahead, and passed from one transport to another.</summary>
public sealed class OpeningTests : IDisposable
{
    private readonly CollectingLogger _logger = new();
    private readonly EventLoopGroup _loops;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("darter-test-");

    public OpeningTests() => _loops = new EventLoopGroup(2, _logger);

    public void Dispose()
    {
        _loops.Dispose();
        _folder.Delete(recursive: true);
        Assert.Empty(_logger.Entries);
    }

    [Fact]
    public async Task Open_BeforeBinding_KeepsConnectionsWaiting()
    {
        EpollTransportFactory transport = NewTransport();
        EndPoint asked = new IPEndPoint(IPAddress.Loopback, 0);
        EndPoint bound = transport.Open(asked, access: null);
        using Socket early = await Address.ConnectAsync(bound);

        await using IConnectionListener listener = await transport.BindAsync(asked);

        Assert.Equal(bound, listener.EndPoint);
        ConnectionContext connection = await AcceptAsync(listener);
        Assert.Equal(early.LocalEndPoint, connection.RemoteEndPoint);
        await connection.DisposeAsync();
        Assert.Equal(asked, Assert.Single(transport.Listening).Requested);
    }

    [Fact]
    public async Task CloseUnused_AfterOpen_GivesTheAddressUp()
    {
        EpollTransportFactory transport = NewTransport();
        UnixDomainSocketEndPoint address = NewAddress();
        transport.Open(address, access: null);
        Assert.True(File.Exists(address.ToString()));

        transport.CloseUnused();

        Assert.False(File.Exists(address.ToString()));
        await Assert.ThrowsAsync<SocketException>(() => Address.ConnectAsync(address));
    }

    [Fact]
    public void Open_WithAccess_SetsThePermissions()
    {
        EpollTransportFactory transport = NewTransport();
        UnixDomainSocketEndPoint address = NewAddress();

        transport.Open(address, new UnixSocketAccess((UnixFileMode)0x1B0));

        Assert.Equal((UnixFileMode)0x1B0, File.GetUnixFileMode(address.ToString()));
        transport.CloseUnused();
    }

    [Fact]
    public async Task StopAccepting_WhileAnotherAccepts_LosesNoConnection()
    {
        using EventLoopGroup otherLoops = new(2, _logger);
        EpollTransportFactory first = NewTransport();
        EpollTransportFactory second = new(otherLoops, new EpollTransportOptions(), _logger);
        UnixDomainSocketEndPoint address = NewAddress();
        IConnectionListener old = await first.BindAsync(address);
        second.TakeOver(address, Native.Libc.dup(Assert.Single(first.Listening).Descriptor));
        IConnectionListener next = await second.BindAsync(address);
        int accepted = 0;
        Task[] accepting = [CountAsync(old), CountAsync(next)];
        List<Socket> clients = [];
        for (int i = 0; i < 200; i++)
        {
            clients.Add(await Address.ConnectAsync(address));
            if (i == 100)
            {
                first.StopAccepting();
            }
        }

        // Also those for which the kernel had woken the first when it stopped.
        await Wait.Until(() => Volatile.Read(ref accepted) == clients.Count, () => $"{clients.Count} connections, there are {accepted}");
        await old.DisposeAsync();
        Assert.True(File.Exists(address.ToString()));
        clients.Add(await Address.ConnectAsync(address));
        await Wait.Until(() => Volatile.Read(ref accepted) == clients.Count, "one more");
        second.OwnFiles();
        await next.DisposeAsync();
        Assert.False(File.Exists(address.ToString()));
        await Task.WhenAll(accepting);
        clients.ForEach(client => client.Dispose());

        async Task CountAsync(IConnectionListener listener)
        {
            while (await listener.AcceptAsync() is { } connection)
            {
                Interlocked.Increment(ref accepted);
                await connection.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task TakeOver_UntilTheOtherGivesWay_LeavesTheFile()
    {
        EpollTransportFactory first = NewTransport();
        UnixDomainSocketEndPoint address = NewAddress();
        await using IConnectionListener old = await first.BindAsync(address);
        EpollTransportFactory second = NewTransport();
        second.TakeOver(address, Native.Libc.dup(Assert.Single(first.Listening).Descriptor));
        IConnectionListener failed = await second.BindAsync(address);

        await failed.DisposeAsync();

        Assert.True(File.Exists(address.ToString()));
    }

    private EpollTransportFactory NewTransport() => new(_loops, new EpollTransportOptions(), _logger);

    private UnixDomainSocketEndPoint NewAddress() => new(Path.Combine(_folder.FullName, "socket"));

    private static async Task<ConnectionContext> AcceptAsync(IConnectionListener listener) =>
        (await Wait.For(listener.AcceptAsync().AsTask(), "a connection"))!;
}
