using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Darter.Transport.Native;
using Microsoft.AspNetCore.Connections;

namespace Darter.Transport.Tests;

/// <summary>Sends and receives of several connections that are done together, and the same without that.</summary>
public sealed class BatchTests : IAsyncDisposable
{
    private readonly CollectingLogger _logger = new();
    private readonly List<(Socket Client, ConnectionContext Server)> _connections = [];
    private EventLoopGroup? _group;
    private IConnectionListener? _listener;

    private EventLoop Loop => _group!.Loops[0];

    [Theory]
    [InlineData(true, 200)]
    [InlineData(true, 64)]
    [InlineData(false, 20)]
    public async Task EveryConnection_GetsBackWhatItSends(bool batches, int count)
    {
        await ConnectAsync(count, batches);
        Assert.True(batches || Loop.Batch is null);
        Task[] servers = [.. _connections.Select(connection => EchoAsync(connection.Server))];
        Random random = new(count);
        for (int round = 0; round < 20; round++)
        {
            byte[][] sent = [.. _connections.Select(_ => Transfer.Pattern(random.Next(1, 1 << random.Next(1, 17))))];

            Task<byte[]>[] received = [.. _connections.Select((connection, i) => Transfer.ReceiveAsync(connection.Client, sent[i].Length))];
            Task[] sending = [];
            await HoldingTheLoopAsync(() =>
            {
                sending = [.. _connections.Select((connection, i) => connection.Client.SendAsync(sent[i]))];
                return Task.CompletedTask;
            });
            await Wait.For(Task.WhenAll(sending), "the clients to send");
            byte[][] echoed = await Wait.For(Task.WhenAll(received), "everything to come back");
            for (int i = 0; i < count; i++)
            {
                Assert.Equal(sent[i], echoed[i]);
            }
        }

        _connections.ForEach(connection => connection.Client.Shutdown(SocketShutdown.Send));
        await Wait.For(Task.WhenAll(servers), "the servers to see the end");
    }

    [Fact]
    public async Task FlushOnTheLoop_IsSentAtTheEndOfThePass()
    {
        await ConnectAsync(3);
        await Loop.RunAsync(() =>
        {
            foreach ((Socket client, ConnectionContext server) in _connections)
            {
                Assert.True(Flush(server, "one"u8));
                Assert.True(Loop.Batch is null || client.Available == 0);
            }

            Assert.True(Flush(_connections[1].Server, " two"u8));
        });

        Assert.Equal("one"u8.ToArray(), await ReceiveAsync(0, 3));
        Assert.Equal("one two"u8.ToArray(), await ReceiveAsync(1, 7));
        Assert.Equal("one"u8.ToArray(), await ReceiveAsync(2, 3));
    }

    [Fact]
    public async Task FlushOnAnotherThread_SendsWhatWasPutOffToo()
    {
        await ConnectAsync(2);
        await HoldingTheLoopAsync(
            async () =>
            {
                Assert.True(Flush(_connections[0].Server, "two"u8));
                Assert.Equal("one two"u8.ToArray(), await ReceiveAsync(0, 7));
            },
            () =>
            {
                Assert.True(Flush(_connections[0].Server, "one "u8));
                Assert.True(Flush(_connections[1].Server, "other"u8));
            });

        Assert.Equal("other"u8.ToArray(), await ReceiveAsync(1, 5));
        Assert.Equal(0, _connections[0].Client.Available);
    }

    [Fact]
    public async Task MuchOnTheLoop_IsSentAtOnce()
    {
        await ConnectAsync(2);
        byte[] much = Transfer.Pattern(40_000);
        await Loop.RunAsync(() =>
        {
            Assert.True(Flush(_connections[0].Server, much.AsSpan(0, 100)));
            Assert.True(Flush(_connections[0].Server, much.AsSpan(100)));
            Assert.True(SpinWait.SpinUntil(() => _connections[0].Client.Available > 0, TimeSpan.FromSeconds(30)));
        });

        Assert.Equal(much, await ReceiveAsync(0, much.Length));
    }

    [Fact]
    public async Task MuchForSeveral_IsSentBeforeTheEndOfThePass()
    {
        await ConnectAsync(10);
        byte[] bytes = Transfer.Pattern(20_000);
        await Loop.RunAsync(() =>
        {
            foreach ((_, ConnectionContext server) in _connections)
            {
                Assert.True(Flush(server, bytes));
            }

            Assert.True(SpinWait.SpinUntil(() => _connections[0].Client.Available > 0, TimeSpan.FromSeconds(30)));
            Assert.True(Loop.Batch is null || _connections[9].Client.Available == 0);
        });

        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(bytes, await ReceiveAsync(i, bytes.Length));
        }
    }

    [Fact]
    public async Task ManyPieces_ArriveInOrder()
    {
        await ConnectAsync(70);
        byte[] bytes = Transfer.Pattern(30_000);
        await Loop.RunAsync(() =>
        {
            foreach ((_, ConnectionContext server) in _connections)
            {
                // Each asks for more memory than the block before has left: more buffers than one operation takes.
                for (int sent = 0; sent < bytes.Length; sent += 1500)
                {
                    _ = server.Transport.Output.GetMemory(4096);
                    server.Transport.Output.Write(bytes.AsSpan(sent, 1500));
                }

                Assert.True(server.Transport.Output.FlushAsync().IsCompletedSuccessfully);
            }
        });

        for (int i = 0; i < 70; i++)
        {
            Assert.Equal(bytes, await ReceiveAsync(i, bytes.Length));
        }
    }

    [Fact]
    public async Task MessageToMany_TakesMemoryForAFewAtATime()
    {
        await ConnectAsync(300);
        await Loop.RunAsync(() =>
        {
            foreach ((_, ConnectionContext server) in _connections)
            {
                Assert.True(Flush(server, "news"u8));
            }
        });

        for (int i = 0; i < 300; i++)
        {
            Assert.Equal("news"u8.ToArray(), await ReceiveAsync(i, 4));
        }

        Assert.InRange(Loop.Blocks.TotalCount, 1, 100);
    }

    [Fact]
    public async Task DisposedOnTheLoop_SendsWhatWasPutOff()
    {
        await ConnectAsync(3);
        await Loop.RunAsync(() =>
        {
            foreach ((_, ConnectionContext server) in _connections)
            {
                Assert.True(Flush(server, "last"u8));
                Assert.True(server.DisposeAsync().IsCompleted);
            }
        });

        for (int i = 0; i < 3; i++)
        {
            Assert.Equal("last"u8.ToArray(), await Wait.For(Transfer.ReceiveToEndAsync(_connections[i].Client), "the end"));
        }
    }

    [Fact]
    public async Task PeersThatLeave_DoNotDisturbOthers_AndNoMemoryIsLost()
    {
        await ConnectAsync(60);
        Task[] servers = [.. _connections.Select(connection => EchoAsync(connection.Server))];
        await HoldingTheLoopAsync(async () =>
        {
            for (int i = 0; i < 60; i++)
            {
                await _connections[i].Client.SendAsync(Transfer.Pattern(100 + i));
                if (i % 3 == 0)
                {
                    _connections[i].Client.Close(0);
                }
                else if (i % 3 == 1)
                {
                    _connections[i].Client.Shutdown(SocketShutdown.Send);
                }
            }
        });

        for (int i = 0; i < 60; i++)
        {
            if (i % 3 != 0)
            {
                Assert.Equal(Transfer.Pattern(100 + i), await ReceiveAsync(i, 100 + i));
                _connections[i].Client.Close();
            }
        }

        await Wait.For(Task.WhenAll(servers), "the servers to see the end");
        await CloseAsync();
        await Wait.Until(() => Loop.Blocks.FreeCount == Loop.Blocks.TotalCount, "all memory to be back");
    }

    [Fact]
    public async Task ClosedByAnothersHandler_WithInputReceivedAlready_GivesItBack()
    {
        await ConnectAsync(20);
        Task[] waiting = [.. _connections.Select((connection, i) => i == 0 ? CloseOthersAsync() : ReadOnceAsync(connection.Server))];
        await HoldingTheLoopAsync(() => Task.WhenAll(_connections.Select(connection => connection.Client.SendAsync("some"u8.ToArray()))));

        await Wait.For(waiting[0], "the first");
        await Wait.For(Task.WhenAll(waiting.Select(task => task.ContinueWith(_ => { }, TaskScheduler.Default))), "the others");
        await CloseAsync();
        await Wait.Until(() => Loop.Blocks.FreeCount == Loop.Blocks.TotalCount, "all memory to be back");

        async Task CloseOthersAsync()
        {
            await ReadOnceAsync(_connections[0].Server);
            foreach ((_, ConnectionContext server) in _connections.Skip(1))
            {
                server.Abort(new ConnectionAbortedException("Closed by another."));
                _ = server.DisposeAsync();
            }
        }
    }

    [Fact]
    public void Ring_TellsTheResultOfEach()
    {
        using IoUring? ring = IoUring.TryCreate();
        Assert.SkipWhen(ring is null, "The kernel has no io_uring, or forbids it.");
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(listener.LocalEndPoint!);
        using Socket server = listener.Accept();
        IntPtr memory = Marshal.AllocHGlobal(64);
        try
        {
            for (int round = 0; round < 10; round++)
            {
                (int sent, int received, int empty, int bad) = Submit(ring, client, server, memory);
                Assert.Equal(10, sent);
                Assert.Equal(10, received);
                Assert.Equal(StreamSocket.WouldBlock, empty);
                Assert.Equal(-LibcConstants.EBADF, bad);
            }
        }
        finally
        {
            Marshal.FreeHGlobal(memory);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        if (_listener is not null)
        {
            await _listener.DisposeAsync();
        }

        _group?.Dispose();
        Assert.Empty(_logger.Entries);
    }

    private static unsafe (int Sent, int Received, int Empty, int Bad) Submit(IoUring ring, Socket client, Socket server, IntPtr memory)
    {
        byte* bytes = (byte*)memory;
        int sent = ring.AddSend((int)client.Handle, bytes, 10);
        int received = ring.AddReceive((int)server.Handle, bytes + 20, 20);
        int empty = ring.AddReceive((int)client.Handle, bytes + 40, 20);
        int bad = ring.AddSend(1_000_000, bytes, 10);
        Assert.Equal(4, ring.Operations);
        ring.Submit();
        Assert.Equal(0, ring.Operations);
        return (ring.ResultOf(sent), ring.ResultOf(received), ring.ResultOf(empty), ring.ResultOf(bad));
    }

    private static bool Flush(ConnectionContext server, ReadOnlySpan<byte> bytes)
    {
        server.Transport.Output.Write(bytes);
        return server.Transport.Output.FlushAsync().IsCompletedSuccessfully;
    }

    private static async Task EchoAsync(ConnectionContext server)
    {
        try
        {
            while (true)
            {
                ReadResult read = await server.Transport.Input.ReadAsync();
                foreach (ReadOnlyMemory<byte> memory in read.Buffer)
                {
                    server.Transport.Output.Write(memory.Span);
                }

                server.Transport.Input.AdvanceTo(read.Buffer.End);
                FlushResult flush = await server.Transport.Output.FlushAsync();
                if (read.IsCompleted || flush.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (IOException)
        {
            // The peer has reset the connection.
        }
    }

    private static async Task ReadOnceAsync(ConnectionContext server)
    {
        ReadResult read = await server.Transport.Input.ReadAsync();
        server.Transport.Input.AdvanceTo(read.Buffer.End);
    }

    /// <summary>Does something while the loop stands still, so that what comes meanwhile is there at once when it goes on.</summary>
    private async Task HoldingTheLoopAsync(Func<Task> action, Action? first = null)
    {
        TaskCompletionSource stands = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using ManualResetEventSlim goesOn = new();
        Task held = Loop.RunAsync(() =>
        {
            first?.Invoke();
            stands.SetResult();
            goesOn.Wait();
        });
        try
        {
            await stands.Task;
            await action();
        }
        finally
        {
            goesOn.Set();
        }

        await held;
    }

    private async Task ConnectAsync(int count, bool batches = true)
    {
        _group = new EventLoopGroup(1, _logger, batches);
        EpollTransportFactory factory = new(_group, new EpollTransportOptions(), _logger);
        _listener = await factory.BindAsync(Address.New(AddressKind.IPv4));
        for (int i = 0; i < count; i++)
        {
            Socket client = Address.NewSocket(_listener.EndPoint);
            await client.ConnectAsync(_listener.EndPoint);
            ConnectionContext? server = await Wait.For(_listener.AcceptAsync().AsTask(), "a connection");
            _connections.Add((client, server!));
        }
    }

    private Task<byte[]> ReceiveAsync(int connection, int length) =>
        Wait.For(Transfer.ReceiveAsync(_connections[connection].Client, length), "the bytes");

    private async Task CloseAsync()
    {
        foreach ((Socket client, ConnectionContext server) in _connections)
        {
            client.Dispose();
            server.Abort(new ConnectionAbortedException("The test is over."));
            await Wait.For(server.DisposeAsync().AsTask(), "a connection to close");
        }

        _connections.Clear();
    }
}
