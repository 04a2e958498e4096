using System.Diagnostics;

namespace Darter.Gateway.Tests.Front;

/// <summary>Waits for what the other process does.</summary>
internal static class TestWait
{
    public static void Until(Func<bool> condition)
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(20), "It does not happen.");
            Thread.Yield();
        }
    }
}
