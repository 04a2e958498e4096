using Microsoft.AspNetCore.Http.Features;

namespace Darter.Transport.Tests;

/// <summary>A slow side makes the other wait; nothing piles up in between.</summary>
public sealed class BackpressureTests
{
    private const int Size = 100 * 1024 * 1024;

    /// <summary>What the kernel may hold on the way (both sockets' buffers grow to several MiB), and some.</summary>
    private const int KernelBuffers = 40 * 1024 * 1024;

    [Theory]
    [InlineData(AddressKind.IPv4)]
    [InlineData(AddressKind.Unix)]
    public async Task Upload_ApplicationDoesNotRead_HoldsTheClientBack(AddressKind kind)
    {
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await TestServer.StartAsync(
            async features =>
            {
                await go.Task;
                await Applications.Checksum(features);
            },
            kind);
        using TestClient client = await server.ConnectAsync();
        Checksum expected = new();
        await client.SendAsync($"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: {Size}\r\n\r\n");
        Task uploading = Task.Run(async () =>
        {
            byte[] chunk = new byte[64 * 1024];
            Random random = new(1);
            for (int sent = 0; sent < Size; sent += chunk.Length)
            {
                random.NextBytes(chunk);
                expected.Add(chunk);
                await client.SendAsync(chunk);
            }
        });

        await StillAsync(() => expected.Length);
        Assert.InRange(expected.Length, 1, KernelBuffers);
        Assert.InRange(server.Loops[0].Blocks.FreeCount, 0, 100);
        go.SetResult();

        Assert.EndsWith($"\r\n\r\n{await ResultAsync(uploading, expected)}", await client.ReadResponseAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AddressKind.IPv4)]
    [InlineData(AddressKind.Unix)]
    public async Task Download_ClientDoesNotRead_HoldsTheApplicationBack(AddressKind kind)
    {
        Checksum expected = new();
        await using TestServer server = await TestServer.StartAsync(
            async features =>
            {
                features.GetRequiredFeature<IHttpResponseFeature>().Headers.ContentLength = Size;
                byte[] chunk = new byte[32 * 1024];
                Random random = new(2);
                for (int written = 0; written < Size; written += chunk.Length)
                {
                    random.NextBytes(chunk);
                    expected.Add(chunk);
                    await features.GetRequiredFeature<IHttpResponseBodyFeature>().Writer.WriteAsync(chunk);
                }
            },
            kind);
        using TestClient client = await server.ConnectAsync();
        await client.GetAsync();

        await StillAsync(() => expected.Length);
        Assert.InRange(expected.Length, 1, KernelBuffers);

        Checksum received = new();
        await client.ReadHeadAsync();
        byte[] buffer = new byte[100_000];
        while (received.Length < Size)
        {
            int count = await client.ReadAsync(buffer);
            Assert.NotEqual(0, count);
            received.Add(buffer.AsSpan(0, count));
        }

        // Every block there ever was is back; beside 64 KiB and what one write adds there are those that the loop keeps
        // for itself, since Kestrel goes on on a pool thread after a flush that waited.
        Assert.InRange(await server.Loops[0].RunAsync(() => server.Loops[0].Blocks.FreeCount), 1, BlockPool.OwnBlocks + 100);
        Assert.Equal(expected.ToString(), received.ToString());
    }

    [Fact]
    public async Task Upload_AsFastAsItIsRead_LeavesTheOthersTheirTurn()
    {
        await using TestServer server = await TestServer.StartAsync(features =>
            features.GetRequiredFeature<IHttpRequestFeature>().Method == "POST" ? Applications.Checksum(features) : Applications.EchoPath(features));
        using TestClient uploader = await server.ConnectAsync();
        using TestClient other = await server.ConnectAsync();
        await uploader.SendAsync($"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: {Size}\r\n\r\n");
        Checksum expected = new();
        Task uploading = Task.Run(async () =>
        {
            byte[] chunk = new byte[1024 * 1024];
            for (int sent = 0; sent < Size; sent += chunk.Length)
            {
                expected.Add(chunk);
                await uploader.SendAsync(chunk);
            }
        });

        int answered = 0;
        while (!uploading.IsCompleted)
        {
            await other.GetAsync();
            await other.ReadResponseAsync();
            answered++;
        }

        Assert.True(answered >= 3, $"{answered} requests were answered beside the upload");
        Assert.EndsWith($"\r\n\r\n{await ResultAsync(uploading, expected)}", await uploader.ReadResponseAsync(), StringComparison.Ordinal);
    }

    private static async Task<string> ResultAsync(Task uploading, Checksum expected)
    {
        await Wait.For(uploading, "the upload");
        return expected.ToString();
    }

    /// <summary>Waits until a number has grown and then kept still.</summary>
    private static async Task StillAsync(Func<long> number)
    {
        long last = 0;
        int still = 0;
        await Wait.Until(
            () =>
            {
                long now = number();
                still = now > 0 && now == last ? still + 1 : 0;
                last = now;
                return still >= 20;
            },
            "the transfer to stall");
    }
}
