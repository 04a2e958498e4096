namespace Darter.Workers.Tests;

public class RestartBackoffTests
{
    [Fact]
    public void Next_OfWorkersThatDieYoung_GrowsAndStaysBounded()
    {
        RestartBackoff backoff = new();

        double[] waits = [.. Enumerable.Range(0, 40).Select(_ => backoff.Next(TimeSpan.FromSeconds(0.9)).TotalSeconds)];

        Assert.Equal([0, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10], waits[..10]);
        Assert.Equal(10, waits[39]);
    }

    [Fact]
    public void Next_OfAWorkerThatServedForAWhile_IsZeroAndForgets()
    {
        RestartBackoff backoff = new();
        for (int i = 0; i < 5; i++)
        {
            backoff.Next(TimeSpan.Zero);
        }

        Assert.Equal(TimeSpan.Zero, backoff.Next(TimeSpan.FromMinutes(1)));
        Assert.Equal(TimeSpan.Zero, backoff.Next(TimeSpan.Zero));
        Assert.Equal(TimeSpan.FromMilliseconds(100), backoff.Next(TimeSpan.Zero));
    }
}
