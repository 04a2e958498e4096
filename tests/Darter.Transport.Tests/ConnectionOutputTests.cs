using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;

namespace Darter.Transport.Tests;

public sealed class ConnectionOutputTests
{
    private static readonly EpollTransportOptions s_options = new();

    [Fact]
    public async Task FlushAsync_SmallWrite_IsSentAtOnceAndHoldsNoMemory()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        connection.Output.Write("hello"u8);
        Assert.Equal(5, connection.Output.UnflushedBytes);

        ValueTask<FlushResult> flush = connection.Output.FlushAsync();

        Assert.True(flush.IsCompletedSuccessfully);
        Assert.Equal(0, connection.Output.UnflushedBytes);
        byte[] buffer = new byte[10];
        Assert.Equal(5, await connection.Client.ReceiveAsync(buffer));
        Assert.Equal("hello", Encoding.ASCII.GetString(buffer, 0, 5));
        Assert.Equal(1, connection.Loop.Blocks.FreeCount);
    }

    [Fact]
    public async Task GetMemory_WithAHint_GivesThatMuch()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        int total = 0;
        foreach (int hint in new[] { 0, 1, 4096, 4097, 100_000, 10 })
        {
            Memory<byte> memory = connection.Output.GetMemory(hint);
            Assert.True(memory.Length >= Math.Max(hint, 1));
            memory.Span[..Math.Max(hint, 1)].Fill((byte)'x');
            connection.Output.Advance(Math.Max(hint, 1));
            total += Math.Max(hint, 1);
        }

        Task<byte[]> received = ReceiveAsync(connection.Client, total);
        await connection.Output.FlushAsync();

        Assert.Equal(-1, (await Wait.For(received, "everything")).AsSpan().IndexOfAnyExcept((byte)'x'));
        Assert.Throws<ArgumentOutOfRangeException>(() => connection.Output.Advance(1_000_000));
        Assert.Throws<ArgumentOutOfRangeException>(() => connection.Output.GetMemory(-1));
    }

    [Fact]
    public async Task FlushAsync_PeerDoesNotRead_WaitsUntilHalfOfTheLimitIsLeft()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        (int written, Task<FlushResult> flush) = await StallAsync(connection);
        Assert.True(written < 64 * 1024 * 1024, "the kernel's buffers and the limit hold it all");
        Assert.False(flush.IsCompleted);

        byte[] received = await Wait.For(ReceiveAsync(connection.Client, written), "everything");

        FlushResult result = await Wait.For(flush, "the flush");
        Assert.False(result.IsCanceled || result.IsCompleted);
        Assert.Equal(Pattern(written), received);
    }

    [Fact]
    public async Task FlushAsync_AwaitedOnTheLoop_GoesOnThere()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        Task<bool> onTheLoop = Task.Run(async () =>
        {
            await connection.Input.ReadAsync();
            byte[] chunk = new byte[1024 * 1024];
            while (true)
            {
                ValueTask<FlushResult> flush = connection.Output.WriteAsync(chunk);
                bool waited = !flush.IsCompleted;
                await flush;
                if (waited)
                {
                    return connection.Loop.IsCurrent;
                }
            }
        });
        connection.Client.Send("go"u8);
        Task reading = Task.Run(async () =>
        {
            byte[] buffer = new byte[100_000];
            while (!onTheLoop.IsCompleted && await connection.Client.ReceiveAsync(buffer) > 0)
            {
            }
        });

        Assert.True(await Wait.For(onTheLoop, "a flush that waits"));
    }

    [Fact]
    public async Task CancelPendingFlush_WhileAFlushWaits_CompletesIt()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        (int written, Task<FlushResult> flush) = await StallAsync(connection);

        connection.Output.CancelPendingFlush();

        Assert.True((await Wait.For(flush, "the cancelled flush")).IsCanceled);
        Assert.Equal(Pattern(written), await Wait.For(ReceiveAsync(connection.Client, written), "everything"));
    }

    [Fact]
    public async Task FlushAsync_TokenCancelled_ThrowsAndLosesNothing()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        using CancellationTokenSource source = new();
        (int written, Task<FlushResult> flush) = await StallAsync(connection, source.Token);

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Wait.For(flush, "the cancelled flush"));
        Assert.Equal(Pattern(written), await Wait.For(ReceiveAsync(connection.Client, written), "everything"));
    }

    [Fact]
    public async Task Abort_WhileAFlushWaits_CompletesItAndResetsThePeer()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        (_, Task<FlushResult> flush) = await StallAsync(connection);

        connection.Server.Abort(new ConnectionAbortedException("enough"));

        Assert.True((await Wait.For(flush, "the aborted flush")).IsCompleted);
        SocketException reset = await Assert.ThrowsAsync<SocketException>(async () => await ReceiveToEndAsync(connection.Client));
        Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode);
        connection.Output.Write("to nobody"u8);
        Assert.True((await connection.Output.FlushAsync()).IsCompleted);
    }

    [Fact]
    public async Task FlushAsync_PeerIsGone_IsCompletedAndConnectionClosedCancelled()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        TaskCompletionSource closed = new();
        connection.Server.ConnectionClosed.Register(closed.SetResult);
        connection.Client.Close(timeout: 0);

        // The first bytes may still be taken by a kernel that has not heard of the reset.
        await Wait.Until(
            async () =>
            {
                connection.Output.Write("hello?"u8);
                return (await connection.Output.FlushAsync()).IsCompleted;
            },
            () => "a flush that tells of the end");

        await Wait.For(closed.Task, "ConnectionClosed");
    }

    [Theory]
    [InlineData(AddressKind.IPv4)]
    [InlineData(AddressKind.Unix)]
    public async Task DisposeAsync_WithUnsentBytes_SendsThemFirst(AddressKind kind)
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync(kind);
        (int written, _) = await StallAsync(connection);

        Task dispose = connection.Server.DisposeAsync().AsTask();
        byte[] received = await Wait.For(ReceiveToEndAsync(connection.Client), "everything and the end");

        await Wait.For(dispose, "the connection to close");
        Assert.Equal(Pattern(written), received);
    }

    [Fact]
    public async Task DisposeAsync_PeerNeverReads_EndsWithAnAbort()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        await StallAsync(connection);
        Task dispose = connection.Server.DisposeAsync().AsTask();
        await connection.Loop.RunAsync(() => { });
        Assert.False(dispose.IsCompleted);

        connection.Server.Abort(new ConnectionAbortedException("too slow"));

        await Wait.For(dispose, "the connection to close");
    }

    [Fact]
    public async Task DisposeAsync_PeerStillSending_GetsTheResponseNevertheless()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        Task<ReadResult> read = connection.Input.ReadAsync().AsTask();
        byte[] upload = new byte[8 * 1024 * 1024];
        Task sending = connection.Client.SendAsync(upload);
        ReadResult result = await Wait.For(read, "the request's first bytes");
        connection.Input.AdvanceTo(result.Buffer.Start);
        connection.Output.Write("no thanks"u8);
        await connection.Output.FlushAsync();

        await Wait.For(connection.Server.DisposeAsync().AsTask(), "the connection to close");

        // The peer finishes its upload before it reads, as simple clients do.
        await Wait.For(sending, "the upload to be taken");
        Assert.Equal("no thanks", Encoding.ASCII.GetString(await Wait.For(ReceiveToEndAsync(connection.Client), "the response")));
    }

    [Fact]
    public async Task Complete_WithUnflushedBytes_SendsThem()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        connection.Output.Write("last words"u8);

        connection.Output.Complete();

        Assert.Equal("last words", Encoding.ASCII.GetString(await Wait.For(ReceiveAsync(connection.Client, 10), "the bytes")));
        Assert.Throws<InvalidOperationException>(() => connection.Output.GetMemory());
    }

    [Theory]
    [InlineData(AddressKind.IPv4)]
    [InlineData(AddressKind.Unix)]
    public async Task FlushAsync_WrittenInRandomPiecesByChangingThreads_GivesTheStream(AddressKind kind)
    {
        for (int seed = 0; seed < 10; seed++)
        {
            await using ConnectionFixture connection = await ConnectionFixture.CreateAsync(kind);
            int total = new Random(seed).Next(1, 5_000_000);
            byte[] expected = Pattern(total);

            Task writing = Task.Run(() => WriteAtRandomAsync(connection, expected, new Random(seed)));
            Task<byte[]> receiving = Task.Run(() => ReceiveToEndAsync(connection.Client, new Random(seed + 1)));
            await Wait.For(writing, "the writer");
            await Wait.For(connection.Server.DisposeAsync().AsTask(), "the connection to close");

            Assert.Equal(expected, await Wait.For(receiving, "the whole stream"));
        }
    }

    private static async Task WriteAtRandomAsync(ConnectionFixture connection, byte[] bytes, Random random)
    {
        for (int offset = 0; offset < bytes.Length;)
        {
            switch (random.Next(6))
            {
                case 0:
                    await Task.Yield();
                    break;
                case 1:
                    await connection.Loop.SwitchTo();
                    break;
            }

            Memory<byte> memory = connection.Output.GetMemory(random.Next(3) == 0 ? random.Next(20_000) : 0);
            int length = Math.Min(random.Next(memory.Length + 1), bytes.Length - offset);
            bytes.AsSpan(offset, length).CopyTo(memory.Span);
            connection.Output.Advance(length);
            offset += length;
            if (random.Next(3) == 0)
            {
                await connection.Output.FlushAsync();
            }
        }
    }

    /// <summary>Writes until a flush waits.</summary>
    private static async Task<(int Written, Task<FlushResult> Flush)> StallAsync(ConnectionFixture connection, CancellationToken cancellationToken = default)
    {
        int written = 0;
        while (true)
        {
            int length = s_options.MaxWriteBufferSize / 4;
            Span<byte> span = connection.Output.GetSpan(length);
            Pattern(written, span[..length]);
            connection.Output.Advance(length);
            written += length;
            ValueTask<FlushResult> flush = connection.Output.FlushAsync(cancellationToken);
            if (!flush.IsCompleted)
            {
                return (written, flush.AsTask());
            }

            Assert.False((await flush).IsCompleted);
        }
    }

    private static byte[] Pattern(int length)
    {
        byte[] bytes = new byte[length];
        Pattern(0, bytes);
        return bytes;
    }

    private static void Pattern(int offset, Span<byte> span)
    {
        for (int i = 0; i < span.Length; i++)
        {
            span[i] = (byte)((offset + i) * 2_654_435_761L >> 13);
        }
    }

    private static async Task<byte[]> ReceiveAsync(Socket socket, int length)
    {
        byte[] bytes = new byte[length];
        for (int received = 0; received < length;)
        {
            int count = await socket.ReceiveAsync(bytes.AsMemory(received));
            Assert.NotEqual(0, count);
            received += count;
        }

        return bytes;
    }

    private static async Task<byte[]> ReceiveToEndAsync(Socket socket, Random? sizes = null)
    {
        MemoryStream received = new();
        byte[] buffer = new byte[200_000];
        while (true)
        {
            int count = await socket.ReceiveAsync(buffer.AsMemory(0, sizes?.Next(1, buffer.Length) ?? buffer.Length));
            if (count == 0)
            {
                return received.ToArray();
            }

            received.Write(buffer, 0, count);
        }
    }
}
