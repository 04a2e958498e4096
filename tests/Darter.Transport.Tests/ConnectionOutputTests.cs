using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace Darter.Transport.Tests;

public sealed class ConnectionOutputTests
{
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
        await connection.HoldsNoMemoryAsync();
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

        Task<byte[]> received = Transfer.ReceiveAsync(connection.Client, total);
        await connection.Output.FlushAsync();

        Assert.Equal(-1, (await Wait.For(received, "everything")).AsSpan().IndexOfAnyExcept((byte)'x'));
        Assert.Throws<ArgumentOutOfRangeException>(() => connection.Output.Advance(1_000_000));
        Assert.Throws<ArgumentOutOfRangeException>(() => connection.Output.GetMemory(-1));
    }

    [Fact]
    public async Task FlushAsync_PeerDoesNotRead_WaitsUntilHalfOfTheLimitIsLeft()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        (int written, Task<FlushResult> flush) = await Transfer.StallAsync(connection);
        Assert.True(written < 64 * 1024 * 1024, "the kernel's buffers and the limit hold it all");
        Assert.False(flush.IsCompleted);

        byte[] received = await Wait.For(Transfer.ReceiveAsync(connection.Client, written), "everything");

        FlushResult result = await Wait.For(flush, "the flush");
        Assert.False(result.IsCanceled || result.IsCompleted);
        Assert.Equal(Transfer.Pattern(written), received);
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
        (int written, Task<FlushResult> flush) = await Transfer.StallAsync(connection);

        connection.Output.CancelPendingFlush();

        Assert.True((await Wait.For(flush, "the cancelled flush")).IsCanceled);
        Assert.Equal(Transfer.Pattern(written), await Wait.For(Transfer.ReceiveAsync(connection.Client, written), "everything"));
    }

    [Fact]
    public async Task FlushAsync_TokenCancelled_ThrowsAndLosesNothing()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        using CancellationTokenSource source = new();
        (int written, Task<FlushResult> flush) = await Transfer.StallAsync(connection, source.Token);

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Wait.For(flush, "the cancelled flush"));
        Assert.Equal(Transfer.Pattern(written), await Wait.For(Transfer.ReceiveAsync(connection.Client, written), "everything"));
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

    [Fact]
    public async Task Complete_WithUnflushedBytes_SendsThem()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        connection.Output.Write("last words"u8);

        connection.Output.Complete();

        Assert.Equal("last words", Encoding.ASCII.GetString(await Wait.For(Transfer.ReceiveAsync(connection.Client, 10), "the bytes")));
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
            byte[] expected = Transfer.Pattern(total);

            Task writing = Task.Run(() => WriteAtRandomAsync(connection, expected, new Random(seed)));
            Task<byte[]> receiving = Task.Run(() => Transfer.ReceiveToEndAsync(connection.Client, new Random(seed + 1)));
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
}
