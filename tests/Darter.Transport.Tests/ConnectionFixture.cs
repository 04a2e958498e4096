using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Darter.Transport.Tests;

/// <summary>A connection without Kestrel above it: the client's socket and the server's connection.</summary>
internal sealed class ConnectionFixture : IAsyncDisposable
{
    private readonly EventLoopGroup _group;
    private readonly IConnectionListener _listener;

    private ConnectionFixture(EventLoopGroup group, IConnectionListener listener, Socket client, ConnectionContext server, CollectingLogger logger)
    {
        _group = group;
        _listener = listener;
        Client = client;
        Server = server;
        Logger = logger;
    }

    internal EventLoop Loop => _group.Loops[0];

    internal Socket Client { get; }

    internal ConnectionContext Server { get; }

    internal PipeReader Input => Server.Transport.Input;

    internal PipeWriter Output => Server.Transport.Output;

    internal CollectingLogger Logger { get; }

    internal static async Task<ConnectionFixture> CreateAsync(AddressKind kind = AddressKind.IPv4, EpollTransportOptions? options = null, Action<Socket>? client = null)
    {
        CollectingLogger logger = new();
        EventLoopGroup group = new(1, logger);
        EpollTransportFactory factory = new(group, options ?? new EpollTransportOptions(), logger);
        IConnectionListener listener = await factory.BindAsync(Address.New(kind));
        EndPoint endPoint = listener.EndPoint;
        Socket socket = Address.NewSocket(endPoint);
        client?.Invoke(socket);
        await socket.ConnectAsync(endPoint);
        ConnectionContext? server = await Wait.For(listener.AcceptAsync().AsTask(), "a connection");
        return new ConnectionFixture(group, listener, socket, server!, logger);
    }

    /// <summary>
    /// Waits until the one block that has ever been made is free: the client may have received what was sent before the loop
    /// takes its memory back, and the loop has it for a moment when it finds nothing to receive.
    /// </summary>
    internal Task HoldsNoMemoryAsync() => Wait.Until(
        () => Loop.Blocks is { FreeCount: 1, TotalCount: 1 },
        () => $"one block, which is free: {Loop.Blocks.FreeCount} of {Loop.Blocks.TotalCount} are");

    /// <summary>Reads until the end of what the client sends, on whatever thread.</summary>
    internal async Task<byte[]> ReadToEndAsync()
    {
        MemoryStream received = new();
        while (true)
        {
            ReadResult result = await Input.ReadAsync();
            foreach (ReadOnlyMemory<byte> memory in result.Buffer)
            {
                received.Write(memory.Span);
            }

            Input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return received.ToArray();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Server.Abort(new ConnectionAbortedException("The test is over."));
        await Wait.For(Server.DisposeAsync().AsTask(), "the connection to close");
        await Wait.For(_listener.DisposeAsync().AsTask(), "the listener to close");
        _group.Dispose();
        Assert.Empty(Logger.Entries);
    }
}
