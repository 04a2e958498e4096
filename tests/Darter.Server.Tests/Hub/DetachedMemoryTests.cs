using Darter.Server.Hub;

namespace Darter.Server.Tests.Hub;

/// <summary>When the memory of connections that were taken from the HTTP server is given back.</summary>
public sealed class DetachedMemoryTests
{
    private readonly DetachedMemory _memory;
    private int _collections;

    public DetachedMemoryTests() => _memory = new DetachedMemory(() => _collections++);

    [Fact]
    public void Many_AreCollectedOnce_WhenNoMoreCome()
    {
        for (int i = 0; i < 5; i++)
        {
            Detach(500);
            _memory.OnTime();
            Assert.Equal(0, _collections);
        }

        _memory.OnTime();
        Assert.Equal(1, _collections);
        _memory.OnTime();
        Assert.Equal(1, _collections);

        Detach(1000);
        _memory.OnTime();
        _memory.OnTime();
        Assert.Equal(2, _collections);
    }

    [Fact]
    public void Few_AreNotWorthIt_UntilThereAreMany()
    {
        for (int i = 0; i < 9; i++)
        {
            Detach(100);
            _memory.OnTime();
            _memory.OnTime();
        }

        Assert.Equal(0, _collections);
        Detach(100);
        _memory.OnTime();
        _memory.OnTime();
        Assert.Equal(1, _collections);
    }

    private void Detach(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _memory.OnDetached();
        }
    }
}
