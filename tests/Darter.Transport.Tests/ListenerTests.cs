using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Darter.Transport.Tests;

public sealed class ListenerTests : IDisposable
{
    private readonly CollectingLogger _logger = new();
    private readonly EventLoopGroup _loops;

    public ListenerTests() => _loops = new EventLoopGroup(2, _logger);

    public void Dispose()
    {
        _loops.Dispose();
        Assert.Empty(_logger.Entries);
    }

    [Fact]
    public async Task BindAsync_PortZero_TellsTheChosenPort()
    {
        await using IConnectionListener listener = await BindAsync(new IPEndPoint(IPAddress.Loopback, 0));

        IPEndPoint endPoint = Assert.IsType<IPEndPoint>(listener.EndPoint);
        Assert.Equal(IPAddress.Loopback, endPoint.Address);
        Assert.NotEqual(0, endPoint.Port);
    }

    [Fact]
    public async Task BindAsync_AddressTaken_ThrowsAddressInUse()
    {
        await using IConnectionListener listener = await BindAsync(new IPEndPoint(IPAddress.Loopback, 0));

        await Assert.ThrowsAsync<AddressInUseException>(() => BindAsync(listener.EndPoint));
    }

    [Fact]
    public async Task BindAsync_ReusePort_SharesTheAddress()
    {
        EpollTransportOptions options = new() { ReusePort = true };
        await using IConnectionListener first = await BindAsync(new IPEndPoint(IPAddress.Loopback, 0), options);

        await using IConnectionListener second = await BindAsync(first.EndPoint, options);

        Assert.Equal(first.EndPoint, second.EndPoint);
    }

    [Fact]
    public async Task BindAsync_ForeignAddress_ThrowsWithTheReason()
    {
        SocketException exception = await Assert.ThrowsAsync<SocketException>(() => BindAsync(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0)));

        Assert.Equal(SocketError.AddressNotAvailable, exception.SocketErrorCode);
        Assert.Contains("192.0.2.1", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BindAsync_UnixSocket_HasItsModeAndIsRemovedAtUnbind()
    {
        UnixDomainSocketEndPoint endPoint = new(Address.NewPath());
        IConnectionListener listener = await BindAsync(endPoint, new EpollTransportOptions { UnixSocketMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(endPoint.ToString()));

        await listener.UnbindAsync();

        Assert.False(File.Exists(endPoint.ToString()));
        await listener.DisposeAsync();
    }

    [Fact]
    public async Task BindAsync_StaleUnixSocket_IsReplaced()
    {
        UnixDomainSocketEndPoint endPoint = new(Address.NewPath());
        await LeaveStaleAsync(endPoint);

        await using IConnectionListener listener = await BindAsync(endPoint);

        using Socket client = await Address.ConnectAsync(endPoint);
        Assert.NotNull(await Wait.For(listener.AcceptAsync().AsTask(), "a connection"));
    }

    [Fact]
    public async Task BindAsync_UnixSocketInUse_ThrowsAddressInUseAndLeavesIt()
    {
        UnixDomainSocketEndPoint endPoint = new(Address.NewPath());
        await using IConnectionListener listener = await BindAsync(endPoint);

        await Assert.ThrowsAsync<AddressInUseException>(() => BindAsync(endPoint));

        using Socket client = await Address.ConnectAsync(endPoint);
        Assert.True(client.Connected);
    }

    [Fact]
    public async Task BindAsync_FileThatIsNoSocket_ThrowsAddressInUseAndLeavesIt()
    {
        string path = Address.NewPath();
        await File.WriteAllTextAsync(path, "precious");
        try
        {
            await Assert.ThrowsAsync<AddressInUseException>(() => BindAsync(new UnixDomainSocketEndPoint(path)));
            Assert.Equal("precious", await File.ReadAllTextAsync(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task UnbindAsync_UnixSocketReplacedByAnother_LeavesTheOther()
    {
        UnixDomainSocketEndPoint endPoint = new(Address.NewPath());
        IConnectionListener listener = await BindAsync(endPoint);
        File.Move(endPoint.ToString(), endPoint + ".old");
        File.Delete(endPoint + ".old");
        await using IConnectionListener successor = await BindAsync(endPoint);

        await listener.UnbindAsync();

        Assert.True(File.Exists(endPoint.ToString()));
    }

    [Fact]
    public async Task BindAsync_IPv6Wildcard_AcceptsIPv4AsIPv4()
    {
        await using IConnectionListener listener = await BindAsync(new IPEndPoint(IPAddress.IPv6Any, 0));
        IPEndPoint bound = Assert.IsType<IPEndPoint>(listener.EndPoint);
        Assert.Equal(IPAddress.IPv6Any, bound.Address);

        foreach (IPAddress address in new[] { IPAddress.Loopback, IPAddress.IPv6Loopback })
        {
            using Socket client = await Address.ConnectAsync(new IPEndPoint(address, bound.Port));
            ConnectionContext? connection = await Wait.For(listener.AcceptAsync().AsTask(), "a connection");
            Assert.Equal(client.LocalEndPoint, connection!.RemoteEndPoint);
            Assert.Equal(client.RemoteEndPoint, connection.LocalEndPoint);
            await connection.DisposeAsync();
        }
    }

    [Fact]
    public async Task BindAsync_InheritedSocket_AcceptsFromIt()
    {
        using Socket parent = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        parent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        parent.Listen();
        int inherited = Native.Libc.dup((int)parent.Handle);

        IConnectionListener listener = await BindAsync(new FileHandleEndPoint((ulong)inherited, FileHandleType.Auto));
        Assert.Equal(parent.LocalEndPoint, listener.EndPoint);
        Assert.Equal(Native.Libc.FD_CLOEXEC, Native.Libc.fcntl(inherited, Native.Libc.F_GETFD, 0));
        using Socket client = await Address.ConnectAsync(listener.EndPoint);
        ConnectionContext? connection = await Wait.For(listener.AcceptAsync().AsTask(), "a connection");
        Assert.Equal(client.LocalEndPoint, connection!.RemoteEndPoint);
        await connection.DisposeAsync();
        await listener.DisposeAsync();

        // The parent's own descriptor still listens.
        using Socket another = await Address.ConnectAsync(parent.LocalEndPoint!);
    }

    [Fact]
    public async Task BindAsync_InheritedDescriptorThatIsNoSocket_Throws()
    {
        using FileStream file = File.OpenRead("/dev/null");
        ulong descriptor = (ulong)file.SafeFileHandle.DangerousGetHandle();

        SocketException exception = await Assert.ThrowsAsync<SocketException>(() => BindAsync(new FileHandleEndPoint(descriptor, FileHandleType.Auto)));

        Assert.Equal(SocketError.NotSocket, exception.SocketErrorCode);
    }

    [Fact]
    public async Task AcceptAsync_AfterUnbind_ReturnsNull()
    {
        IConnectionListener listener = await BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        Task<ConnectionContext?> accept = listener.AcceptAsync().AsTask();

        await listener.UnbindAsync();
        await listener.UnbindAsync();

        Assert.Null(await Wait.For(accept, "the end of accepting"));
        Assert.Null(await Wait.For(listener.AcceptAsync().AsTask(), "the end of accepting"));
        await Assert.ThrowsAsync<SocketException>(() => Address.ConnectAsync(listener.EndPoint));
    }

    [Fact]
    public async Task UnbindAsync_ConnectionsNotHandedOut_AreClosed()
    {
        IConnectionListener listener = await BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        Socket[] clients = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Address.ConnectAsync(listener.EndPoint)));

        await listener.UnbindAsync();

        foreach (Socket client in clients)
        {
            // Closed or reset, but not left hanging.
            byte[] buffer = new byte[1];
            int received = await Wait.For(
                Task.Run(async () =>
                {
                    try
                    {
                        return await client.ReceiveAsync(buffer);
                    }
                    catch (SocketException)
                    {
                        return 0;
                    }
                }),
                "the end of the connection");
            Assert.Equal(0, received);
            client.Dispose();
        }
    }

    [Fact]
    public async Task UnbindAsync_AfterTheLoopsEnded_Completes()
    {
        using EventLoopGroup loops = new(1, _logger);
        IConnectionListener listener = await new EpollTransportFactory(loops, new EpollTransportOptions(), _logger).BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        loops.Dispose();

        await Wait.For(listener.UnbindAsync().AsTask(), "the listener to close");
    }

    [Fact]
    public async Task Accept_ManyConnections_SpreadOverTheLoops()
    {
        await using IConnectionListener listener = await BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        HashSet<EventLoop> loops = [];
        await Wait.Until(
            async () =>
            {
                using Socket client = await Address.ConnectAsync(listener.EndPoint);
                ConnectionContext? connection = await Wait.For(listener.AcceptAsync().AsTask(), "a connection");
                loops.Add(connection!.Features.Get<IEventLoopFeature>()!.Loop);

                // Kept busy, a loop leaves the next connection to another.
                connection.Features.Get<IEventLoopFeature>()!.Loop.Post(new Work(() => Thread.SpinWait(1_000_000)));
                await connection.DisposeAsync();
                return loops.Count == 2;
            },
            () => "both loops to accept");
    }

    [Theory]
    [InlineData(typeof(IPEndPoint), true)]
    [InlineData(typeof(UnixDomainSocketEndPoint), true)]
    [InlineData(typeof(FileHandleEndPoint), true)]
    [InlineData(typeof(DnsEndPoint), false)]
    public void CanBind_EndPoint_TellsWhetherItCan(Type type, bool expected)
    {
        EndPoint endPoint = type.Name switch
        {
            nameof(IPEndPoint) => new IPEndPoint(IPAddress.Loopback, 0),
            nameof(UnixDomainSocketEndPoint) => new UnixDomainSocketEndPoint("/tmp/x"),
            nameof(FileHandleEndPoint) => new FileHandleEndPoint(3, FileHandleType.Auto),
            _ => new DnsEndPoint("localhost", 80),
        };

        Assert.Equal(expected, new EpollTransportFactory(_loops, new EpollTransportOptions(), _logger).CanBind(endPoint));
    }

    private Task<IConnectionListener> BindAsync(EndPoint endPoint, EpollTransportOptions? options = null) =>
        new EpollTransportFactory(_loops, options ?? new EpollTransportOptions(), _logger).BindAsync(endPoint).AsTask();

    /// <summary>Leaves the file that a killed server leaves: bound once, and nobody accepts on it.</summary>
    private static async Task LeaveStaleAsync(UnixDomainSocketEndPoint endPoint)
    {
        using (Socket server = Address.NewSocket(endPoint))
        {
            server.Bind(endPoint);
            server.Listen();
            File.Move(endPoint.ToString(), endPoint + ".kept");
        }

        File.Move(endPoint + ".kept", endPoint.ToString());
        await Assert.ThrowsAsync<SocketException>(() => Address.ConnectAsync(endPoint));
    }
}
