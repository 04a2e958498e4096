using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;

namespace Darter.Transport.Tests;

public sealed class ConnectionInputTests
{
    [Fact]
    public async Task ReadAsync_FirstReadFromAPoolThread_CompletesOnTheLoop()
    {
        for (int i = 0; i < 50; i++)
        {
            await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();

            // The bytes are there before the read, which must not complete where it was started nevertheless.
            connection.Client.Send("x"u8);
            bool onTheLoop = await Wait.For(
                Task.Run(async () =>
                {
                    await connection.Input.ReadAsync();
                    return connection.Loop.IsCurrent;
                }),
                "the first read");

            Assert.True(onTheLoop);
        }
    }

    [Fact]
    public async Task ReadAsync_NothingExamined_ReturnsTheSameBytesAtOnce()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        connection.Client.Send("hello"u8);
        ReadResult first = await connection.Input.ReadAsync();
        connection.Input.AdvanceTo(first.Buffer.Start);

        ValueTask<ReadResult> second = connection.Input.ReadAsync();

        Assert.True(second.IsCompletedSuccessfully);
        Assert.Equal("hello", Text((await second).Buffer));
    }

    [Fact]
    public async Task ReadAsync_EverythingExamined_WaitsForMore()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        connection.Client.Send("hel"u8);
        ReadResult first = await connection.Input.ReadAsync();
        connection.Input.AdvanceTo(first.Buffer.GetPosition(1), first.Buffer.End);

        ValueTask<ReadResult> second = connection.Input.ReadAsync();
        Assert.False(second.IsCompleted);
        Assert.False(connection.Input.TryRead(out _));
        Task<ReadResult> waiting = second.AsTask();
        connection.Client.Send("lo"u8);

        Assert.Equal("ello", Text((await Wait.For(waiting, "more bytes")).Buffer));
    }

    [Fact]
    public async Task ReadAsync_PeerEndsItsSide_IsCompletedAfterTheLastByte()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        connection.Client.Send("last words"u8);
        connection.Client.Shutdown(SocketShutdown.Send);

        Assert.Equal("last words", Encoding.ASCII.GetString(await Wait.For(connection.ReadToEndAsync(), "the end")));

        Assert.False(connection.Server.ConnectionClosed.IsCancellationRequested);
        ReadResult again = await connection.Input.ReadAsync();
        Assert.True(again.IsCompleted && again.Buffer.IsEmpty);
    }

    [Fact]
    public async Task ReadAsync_PeerResets_Throws()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        TaskCompletionSource closed = new();
        connection.Server.ConnectionClosed.Register(closed.SetResult);
        Task<ReadResult> read = connection.Input.ReadAsync().AsTask();

        connection.Client.Close(timeout: 0);

        await Assert.ThrowsAsync<ConnectionResetException>(() => Wait.For(read, "the reset"));
        await Wait.For(closed.Task, "ConnectionClosed");
        await Assert.ThrowsAsync<ConnectionResetException>(() => connection.Input.ReadAsync().AsTask());
    }

    [Fact]
    public async Task CancelPendingRead_WhileAReadWaits_CompletesItOnTheLoopAndOnlyIt()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        Task<(ReadResult Result, bool OnTheLoop)> read = Task.Run(async () => (await connection.Input.ReadAsync(), connection.Loop.IsCurrent));
        for (int i = 0; i < 100; i++)
        {
            connection.Input.CancelPendingRead();
            (ReadResult result, bool onTheLoop) = await Wait.For(read, "the cancelled read");
            Assert.True(result.IsCanceled);
            connection.Input.AdvanceTo(result.Buffer.End);

            // Cancelled between the reads or before the first wait it may well complete at once.
            _ = onTheLoop;
            read = Task.Run(async () => (await connection.Input.ReadAsync(), connection.Loop.IsCurrent));
        }

        connection.Client.Send("x"u8);
        (ReadResult last, bool lastOnTheLoop) = await Wait.For(read, "bytes");
        Assert.False(last.IsCanceled);
        Assert.True(lastOnTheLoop);
    }

    [Fact]
    public async Task CancelPendingRead_WithoutARead_CancelsTheNextOne()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        connection.Input.CancelPendingRead();

        ReadResult result = await Wait.For(connection.Input.ReadAsync().AsTask(), "the cancelled read");

        Assert.True(result.IsCanceled);
        Assert.False(connection.Input.TryRead(out _));
    }

    [Fact]
    public async Task ReadAsync_TokenCancelled_ThrowsAndLosesNothing()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        using CancellationTokenSource source = new();
        Task<ReadResult> read = connection.Input.ReadAsync(source.Token).AsTask();

        await source.CancelAsync();

        OperationCanceledException exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Wait.For(read, "the cancelled read"));
        Assert.Equal(source.Token, exception.CancellationToken);
        connection.Client.Send("still here"u8);
        Assert.Equal("still here", Text((await Wait.For(connection.Input.ReadAsync().AsTask(), "bytes")).Buffer));
    }

    [Fact]
    public async Task Abort_WhileAReadWaits_ThrowsItsReason()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        Task<ReadResult> read = connection.Input.ReadAsync().AsTask();

        connection.Server.Abort(new ConnectionAbortedException("enough"));

        ConnectionAbortedException exception = await Assert.ThrowsAsync<ConnectionAbortedException>(() => Wait.For(read, "the aborted read"));
        Assert.Equal("enough", exception.Message);
    }

    [Fact]
    public async Task DisposeAsync_WhileAReadWaits_FailsIt()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        Task<ReadResult> read = connection.Input.ReadAsync().AsTask();

        await Wait.For(connection.Server.DisposeAsync().AsTask(), "the connection to close");

        await Assert.ThrowsAsync<ConnectionAbortedException>(() => Wait.For(read, "the abandoned read"));
    }

    [Fact]
    public async Task Complete_TwiceThenRead_Throws()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        connection.Input.Complete();
        connection.Input.Complete();

        Assert.Throws<InvalidOperationException>(() => connection.Input.TryRead(out _));
        await Assert.ThrowsAsync<InvalidOperationException>(() => connection.Input.ReadAsync().AsTask());
    }

    [Fact]
    public async Task ReadAsync_IdleConnection_HoldsNoMemory()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync();
        connection.Client.Send("request"u8);
        ReadResult result = await connection.Input.ReadAsync();
        connection.Input.AdvanceTo(result.Buffer.End);
        Task<ReadResult> idle = connection.Input.ReadAsync().AsTask();

        await connection.HoldsNoMemoryAsync();
        Assert.False(idle.IsCompleted);
    }

    [Theory]
    [InlineData(AddressKind.IPv4, 4096)]
    [InlineData(AddressKind.Unix, 64 * 1024)]
    [InlineData(AddressKind.IPv6, 1024 * 1024)]
    public async Task ReadAsync_ConsumedAndExaminedAtRandom_GivesTheStream(AddressKind kind, int limit)
    {
        for (int seed = 0; seed < 10; seed++)
        {
            await using ConnectionFixture connection = await ConnectionFixture.CreateAsync(kind, new EpollTransportOptions { MaxReadBufferSize = limit });
            Random random = new(seed);
            byte[] sent = new byte[random.Next(1, 2_000_000)];
            random.NextBytes(sent);

            Task sending = Task.Run(async () =>
            {
                Random chunks = new(seed + 1000);
                for (int offset = 0; offset < sent.Length;)
                {
                    int length = Math.Min(chunks.Next(1, chunks.Next(2) == 0 ? 100 : 100_000), sent.Length - offset);
                    await connection.Client.SendAsync(sent.AsMemory(offset, length));
                    offset += length;
                }

                connection.Client.Shutdown(SocketShutdown.Send);
            });
            Task<byte[]> reading = Task.Run(() => ReadAtRandomAsync(connection, random));

            Assert.Equal(sent, await Wait.For(reading, "the whole stream"));
            await Wait.For(sending, "the client");
        }
    }

    /// <summary>Reads with every pattern a reader may use, now on the loop's thread and now on others.</summary>
    private static async Task<byte[]> ReadAtRandomAsync(ConnectionFixture connection, Random random)
    {
        MemoryStream received = new();
        while (true)
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

            if (random.Next(4) != 0 || !connection.Input.TryRead(out ReadResult result))
            {
                result = await connection.Input.ReadAsync();
            }

            ReadOnlySequence<byte> buffer = result.Buffer;
            if (result.IsCompleted)
            {
                received.Write(buffer.ToArray());
                connection.Input.AdvanceTo(buffer.End);
                return received.ToArray();
            }

            long consumed = random.Next(3) switch
            {
                0 => 0,
                1 => buffer.Length,
                _ => random.NextInt64(buffer.Length + 1),
            };
            received.Write(buffer.Slice(0, consumed).ToArray());
            SequencePosition position = buffer.GetPosition(consumed);
            SequencePosition examined = random.Next(2) == 0 ? buffer.End : buffer.GetPosition(random.NextInt64(consumed, buffer.Length + 1));
            connection.Input.AdvanceTo(position, examined);
        }
    }

    private static string Text(ReadOnlySequence<byte> buffer) => Encoding.ASCII.GetString(buffer);
}
