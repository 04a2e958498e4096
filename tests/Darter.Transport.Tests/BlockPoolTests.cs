using System.Buffers;

namespace Darter.Transport.Tests;

public sealed class BlockPoolTests : IDisposable
{
    private readonly EventLoopGroup _group = new(1, new CollectingLogger());

    private EventLoop Loop => _group.Loops[0];

    public void Dispose()
    {
        _group.Dispose();
    }

    [Fact]
    public void Rent_UpToABlock_GivesABlock()
    {
        using IMemoryOwner<byte> any = Loop.Blocks.Rent();
        using IMemoryOwner<byte> whole = Loop.Blocks.Rent(BlockPool.BlockSize);

        Assert.Equal(BlockPool.BlockSize, any.Memory.Length);
        Assert.Equal(BlockPool.BlockSize, whole.Memory.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => Loop.Blocks.Rent(BlockPool.BlockSize + 1));
    }

    [Fact]
    public async Task Rent_AfterReturn_ReusesTheBlock()
    {
        await Loop.RunAsync(() =>
        {
            Block first = Loop.Blocks.RentBlock();
            first.End = 10;
            first.Dispose();
            Block second = Loop.Blocks.RentBlock();

            Assert.Same(first, second);
            Assert.Equal(0, second.End);
            second.Dispose();
        });
    }

    [Fact]
    public async Task Dispose_Twice_ReturnsTheBlockOnce()
    {
        await Loop.RunAsync(() =>
        {
            Block block = Loop.Blocks.RentBlock();
            block.Dispose();
            block.Dispose();

            Assert.Equal(1, Loop.Blocks.FreeCount);
        });
    }

    [Fact]
    public async Task Return_FromAnotherThread_IsFoundByTheLoop()
    {
        Block[] blocks = await Loop.RunAsync(() => Enumerable.Range(0, 50).Select(_ => Loop.Blocks.RentBlock()).ToArray());

        Array.ForEach(blocks, block => block.Dispose());

        Block[] again = await Loop.RunAsync(() => Enumerable.Range(0, 50).Select(_ => Loop.Blocks.RentBlock()).ToArray());
        Assert.Equal(blocks.ToHashSet(), again.ToHashSet());
    }

    [Fact]
    public async Task RentAndReturn_ByManyThreads_NeverShareABlock()
    {
        async Task UseAsync(byte mark)
        {
            for (int i = 0; i < 5_000; i++)
            {
                using IMemoryOwner<byte> owner = Loop.Blocks.Rent();
                owner.Memory.Span.Fill(mark);
                if (i % 100 == 0)
                {
                    await Task.Yield();
                }

                Assert.Equal(-1, owner.Memory.Span.IndexOfAnyExcept(mark));
            }
        }

        async Task UseOnTheLoopAsync()
        {
            for (int i = 0; i < 5_000; i++)
            {
                await Loop.RunAsync(() =>
                {
                    using IMemoryOwner<byte> owner = Loop.Blocks.Rent();
                    owner.Memory.Span.Fill(99);
                    Assert.Equal(-1, owner.Memory.Span.IndexOfAnyExcept((byte)99));
                });
            }
        }

        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => UseAsync((byte)i))).Append(UseOnTheLoopAsync()));
    }

    [Fact]
    public async Task Trim_MemoryUnusedForAWhile_IsGivenBackInSteps()
    {
        await Loop.RunAsync(() =>
        {
            Block[] blocks = [.. Enumerable.Range(0, 2000).Select(_ => Loop.Blocks.RentBlock())];
            Array.ForEach(blocks, block => block.Dispose());
            Assert.Equal(2000, Loop.Blocks.FreeCount);

            // What its timer does, run by hand. The first time tells what was unused since.
            ILoopWork trim = Loop.Blocks;
            List<int> counts = [];
            for (int i = 0; i < 20; i++)
            {
                trim.Run();
                counts.Add(Loop.Blocks.FreeCount);
            }

            Assert.True(counts.Zip(counts.Skip(1)).All(pair => pair.Second <= pair.First));
            Assert.True(counts[1] > 500, "half at a time");
            Assert.Equal(256, counts[^1]);
        });
    }
}
