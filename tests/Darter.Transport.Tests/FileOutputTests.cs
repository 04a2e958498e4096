using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Darter.Transport.Files;

namespace Darter.Transport.Tests;

/// <summary>Regions of files, copied or sent by the kernel.</summary>
public abstract class FileOutputTests : IDisposable
{
    private const int Size = 8 * 1024 * 1024;

    private static readonly byte[] s_content = Transfer.Pattern(Size);

    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("darter-file-").FullName, "file");

    private readonly EpollTransportOptions _options;

    protected FileOutputTests(bool copies)
    {
        _options = new EpollTransportOptions { CopiesFilesToLocalPeers = copies };
        File.WriteAllBytes(_path, s_content);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Regions_BetweenBytesInMemory_ArriveInOrder(int seed)
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync(options: _options, client: socket => socket.ReceiveBufferSize = 16 * 1024);
        Random random = new(seed);
        MemoryStream expected = new();
        Task writing = Task.Run(async () =>
        {
            for (int i = 0; i < 60; i++)
            {
                byte[] bytes = new byte[random.Next(3) == 0 ? 0 : random.Next(1, 20_000)];
                random.NextBytes(bytes);
                connection.Output.Write(bytes);
                expected.Write(bytes);
                FileTransfer? transfer = null;
                if (random.Next(4) > 0)
                {
                    int offset = random.Next(Size / 2);
                    int length = random.Next(1, random.Next(2) == 0 ? 1000 : 400_000);
                    using OpenedFile file = Open();
                    transfer = Write(connection, file, offset, length);
                    expected.Write(s_content, offset, length);
                }

                Assert.False((await connection.Output.FlushAsync()).IsCompleted);
                Assert.True(transfer is null || await transfer.Completion);
            }

            await connection.Output.CompleteAsync();
            await connection.Server.DisposeAsync();
        });

        byte[] received = await Wait.For(Transfer.ReceiveToEndAsync(connection.Client), "everything");

        await Wait.For(writing, "the writer");
        Assert.Equal(expected.ToArray(), received);
    }

    [Fact]
    public async Task Flush_PeerDoesNotRead_WaitsForAllOfTheFileAndKeepsItOpen()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync(options: _options, client: socket => socket.ReceiveBufferSize = 16 * 1024);
        FileTransfer transfer;
        using (OpenedFile file = Open())
        {
            transfer = Write(connection, file, 0, Size);
        }

        Assert.Equal(Size, connection.Output.UnflushedBytes);
        Assert.True(connection.Output.FlushAsync().IsCompletedSuccessfully);
        Task<bool> completion = transfer.Completion.AsTask();
        await Wait.Until(() => transfer.Sent > 0, "the first bytes");
        Assert.False(completion.IsCompleted);
        Assert.True(IsOpen());

        Assert.Equal(s_content, await Wait.For(Transfer.ReceiveAsync(connection.Client, Size), "the file"));

        Assert.True(await Wait.For(completion, "the transfer"));
        Assert.Equal(Size, transfer.Sent);
        Assert.Null(transfer.Failure);
        Assert.False(IsOpen());
    }

    [Fact]
    public async Task File_ThatIsCut_EndsTheOutputWithAFailure()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync(options: _options);
        using OpenedFile file = Open();
        FileTransfer transfer = Write(connection, file, Size - 10, 20);

        await connection.Output.FlushAsync();

        Assert.False(await Wait.For(transfer.Completion.AsTask(), "the transfer"));
        Assert.Contains("shorter", transfer.Failure!.Message, StringComparison.Ordinal);
        Assert.Equal(10, transfer.Sent);
        Assert.True((await connection.Output.FlushAsync()).IsCompleted);
    }

    [Fact]
    public async Task Peer_ThatLeaves_EndsTheFlushAndClosesTheFile()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync(options: _options, client: socket => socket.ReceiveBufferSize = 16 * 1024);
        FileTransfer transfer;
        using (OpenedFile file = Open())
        {
            transfer = Write(connection, file, 0, Size);
        }

        await connection.Output.FlushAsync();
        Task<bool> completion = transfer.Completion.AsTask();
        await Wait.Until(() => transfer.Sent > 0, "the first bytes");
        connection.Client.LingerState = new LingerOption(true, 0);
        connection.Client.Close();

        Assert.False(await Wait.For(completion, "the transfer"));
        Assert.Null(transfer.Failure);
        Assert.False(IsOpen());
    }

    [Fact]
    public async Task Abort_WhileAFileIsWritten_ClosesIt()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync(options: _options);
        connection.Server.Abort();
        FileTransfer transfer;
        using (OpenedFile file = Open())
        {
            transfer = Write(connection, file, 0, Size);
        }

        Assert.True((await connection.Output.FlushAsync()).IsCompleted);
        Assert.False(await Wait.For(transfer.Completion.AsTask(), "the transfer"));
        Assert.False(IsOpen());
    }

    [Fact]
    public async Task Writer_WithMemoryOfItsOwn_IsToldSo()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync(options: _options);
        using OpenedFile file = Open();

        Assert.Null(Feature(connection).TryWrite(PipeWriter.Create(connection.Output.AsStream()), file, 0, 10));

        connection.Output.Write("as ever"u8);
        await connection.Output.FlushAsync();
        Assert.Equal("as ever"u8.ToArray(), await Transfer.ReceiveAsync(connection.Client, 7));
    }

    [Fact]
    public async Task Write_BehindAFileThatWasNotFlushed_IsRefused()
    {
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync(options: _options);
        using OpenedFile file = Open();
        FileTransfer transfer = Write(connection, file, 0, 10);

        Assert.Throws<InvalidOperationException>(() => connection.Output.GetMemory(1));
        Assert.Throws<InvalidOperationException>(() => Feature(connection).TryWrite(connection.Output, file, 0, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => connection.Output.Advance(1));

        Assert.False(await transfer.Completion);
        await connection.Output.FlushAsync();
        Assert.True(await transfer.Completion);
        Assert.Equal(Transfer.Pattern(10), await Transfer.ReceiveAsync(connection.Client, 10));
    }

    [Fact]
    public async Task File_ThatTheKernelCannotSend_IsCopied()
    {
        // Linux gives this one to read(2), but not to sendfile(2).
        byte[] expected = File.ReadAllBytes("/proc/self/cmdline");
        await using ConnectionFixture connection = await ConnectionFixture.CreateAsync(options: _options);
        using OpenedFile file = Open("/proc/self/cmdline");
        Write(connection, file, 0, expected.Length);

        await connection.Output.FlushAsync();

        Assert.Equal(expected, await Wait.For(Transfer.ReceiveAsync(connection.Client, expected.Length), "the bytes"));
    }

    public void Dispose()
    {
        Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);
        GC.SuppressFinalize(this);
    }

    private static IFileOutputFeature Feature(ConnectionFixture connection) => connection.Server.Features.Get<IFileOutputFeature>()!;

    private static FileTransfer Write(ConnectionFixture connection, OpenedFile file, int offset, int length)
    {
        FileTransfer? transfer = Feature(connection).TryWrite(connection.Output, file, offset, length);
        Assert.NotNull(transfer);
        return transfer;
    }

    private OpenedFile Open(string? path = null) => new(File.OpenHandle(path ?? _path));

    /// <summary>Whether this process has the file open.</summary>
    private bool IsOpen() => Directory.GetFiles("/proc/self/fd").Any(link => new FileInfo(link).LinkTarget == _path);
}
