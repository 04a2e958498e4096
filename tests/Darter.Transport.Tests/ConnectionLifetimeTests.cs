using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Darter.Transport.Tests;

/// <summary>Connections that end at any moment, from any thread.</summary>
public sealed class ConnectionLifetimeTests
{
    [Theory]
    [InlineData(AddressKind.IPv4)]
    [InlineData(AddressKind.Unix)]
    public async Task Connections_EndedAtRandomMoments_AllCloseAndReturnTheirMemory(AddressKind kind)
    {
        const int Rounds = 40;
        CollectingLogger logger = new();
        using EventLoopGroup loops = new(2, logger);
        EpollTransportFactory factory = new(loops, new EpollTransportOptions(), logger);

        // A listener for each: clients that connect at the same time are not told apart otherwise.
        async Task RoundsAsync(int first)
        {
            await using IConnectionListener listener = await factory.BindAsync(Address.New(kind));
            for (int i = 0; i < Rounds; i++)
            {
                await RoundAsync(listener, first + i);
            }
        }

        async Task RoundAsync(IConnectionListener listener, int seed)
        {
            Random random = new(seed);
            using Socket client = await Address.ConnectAsync(listener.EndPoint);
            ConnectionContext connection = (await Wait.For(listener.AcceptAsync().AsTask(), "a connection"))!;
            Task echo = Task.Run(() => EchoAsync(connection));
            Task chat = Task.Run(() => ChatAsync(client, new Random(seed)));

            for (int i = random.Next(200); i > 0; i--)
            {
                await Task.Yield();
            }

            switch (random.Next(5))
            {
                case 0:
                    connection.Abort(new ConnectionAbortedException("now"));
                    break;
                case 1:
                    client.Close(timeout: 0);
                    break;
                case 2:
                    client.Dispose();
                    break;
                case 3:
                    connection.Transport.Input.CancelPendingRead();
                    connection.Transport.Output.CancelPendingFlush();
                    client.Dispose();
                    break;
                case 4:
                    await Task.WhenAll(
                        Task.Run(() => connection.Abort(new ConnectionAbortedException("now"))),
                        Task.Run(client.Dispose));
                    break;
            }

            await Wait.For(echo, "the server's side");
            await Wait.For(chat, "the client's side");
            Assert.Equal(-1, ((EpollConnection)connection).Descriptor);
        }

        await Task.WhenAll(Enumerable.Range(0, 10).Select(i => RoundsAsync(i * Rounds)));

        foreach (EventLoop loop in loops.Loops)
        {
            await Wait.Until(() => loop.Blocks.FreeCount == loop.Blocks.TotalCount, () => $"{loop.Blocks.TotalCount} blocks to return, {loop.Blocks.FreeCount} have");
        }

        Assert.Empty(logger.Entries);
    }

    /// <summary>A server's connection: sends back what comes, from changing threads, and disposes it in the end.</summary>
    private static async Task EchoAsync(ConnectionContext connection)
    {
        try
        {
            PipeReader input = connection.Transport.Input;
            PipeWriter output = connection.Transport.Output;
            for (int i = 0; ; i++)
            {
                ReadResult read = await input.ReadAsync();
                foreach (ReadOnlyMemory<byte> memory in read.Buffer)
                {
                    memory.CopyTo(output.GetMemory(memory.Length));
                    output.Advance(memory.Length);
                }

                input.AdvanceTo(read.Buffer.End);
                FlushResult flush = await output.FlushAsync();
                if (read.IsCompleted || flush.IsCompleted || read.IsCanceled || flush.IsCanceled)
                {
                    break;
                }

                if (i % 3 == 0)
                {
                    await Task.Yield();
                }
            }
        }
        catch (Exception exception) when (exception is ConnectionAbortedException or ConnectionResetException)
        {
            // How aborts and resets show.
        }
        finally
        {
            // A peer that does not read does not keep the test waiting.
            Task dispose = connection.DisposeAsync().AsTask();
            if (await Task.WhenAny(dispose, Task.Delay(TimeSpan.FromSeconds(1))) != dispose)
            {
                connection.Abort();
            }

            await dispose;
        }
    }

    private static async Task ChatAsync(Socket client, Random random)
    {
        byte[] bytes = new byte[100_000];
        try
        {
            while (true)
            {
                await client.SendAsync(bytes.AsMemory(0, random.Next(1, bytes.Length)));
                if (random.Next(2) == 0)
                {
                    await client.ReceiveAsync(bytes);
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The end of every round.
        }
    }
}
