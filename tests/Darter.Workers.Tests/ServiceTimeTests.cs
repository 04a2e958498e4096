namespace Darter.Workers.Tests;

public class ServiceTimeTests
{
    [Fact]
    public void Depth_BeforeAnyMeasurement_IsOne() => Assert.Equal(1, new ServiceTime().Depth);

    [Theory]
    [InlineData(1_000, 64)]
    [InlineData(20_000, 10)]
    [InlineData(150_000, 2)]
    [InlineData(900_000, 2)]
    [InlineData(5_000_000, 1)]
    public void Depth_OfASteadyService_KeepsTheWorkAheadShort(long nanoseconds, int depth)
    {
        ServiceTime time = new();
        for (int i = 0; i < 200; i++)
        {
            time.Observe(nanoseconds);
        }

        Assert.Equal(depth, time.Depth);
    }

    [Fact]
    public void Observe_OfOneLongTime_IsAnException()
    {
        ServiceTime time = Fast();

        time.Observe(10_000_000);

        Assert.Equal(64, time.Depth);
    }

    [Fact]
    public void Observe_OfTwoLongTimes_CountsAtOnce()
    {
        ServiceTime time = Fast();

        time.Observe(10_000_000);
        for (int i = 0; i < 20; i++)
        {
            time.Observe(1_000);
        }

        time.Observe(20_000_000);

        Assert.Equal(2, time.Depth);
        Assert.Equal(10_000_000, time.Nanoseconds);
    }

    [Fact]
    public void Observe_OfTwoLongTimesFarApart_CountsNeither()
    {
        ServiceTime time = Fast();

        for (int i = 0; i < 10; i++)
        {
            time.Observe(10_000_000);
            Assert.Equal(64, time.Depth);
            for (int j = 0; j < 100; j++)
            {
                time.Observe(1_000);
            }
        }
    }

    [Fact]
    public void Depth_OfAServiceThatIsSometimesSlow_IsTwo()
    {
        ServiceTime time = new();
        for (int i = 0; i < 200; i++)
        {
            time.Observe(i % 10 == 0 ? 5_000_000 : 300_000);
        }

        Assert.Equal(2, time.Depth);
    }

    private static ServiceTime Fast()
    {
        ServiceTime time = new();
        for (int i = 0; i < 200; i++)
        {
            time.Observe(1_000);
        }

        return time;
    }
}
