namespace Darter.Testing;

/// <summary>Waiting for conditions instead of sleeping.</summary>
public static class Wait
{
    /// <summary>How long a test waits for anything before it fails: far more than it ever takes.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    /// <summary>Returns once <paramref name="condition"/> holds.</summary>
    /// <exception cref="TimeoutException">It did not within <see cref="Patience"/>.</exception>
    public static Task Until(Func<bool> condition, string description) =>
        Until(() => Task.FromResult(condition()), () => description);

    /// <summary>Returns once <paramref name="condition"/> holds; the description is made when it is needed.</summary>
    /// <exception cref="TimeoutException">It did not within <see cref="Patience"/>.</exception>
    public static Task Until(Func<bool> condition, Func<string> description) =>
        Until(() => Task.FromResult(condition()), description);

    /// <summary>Returns once <paramref name="condition"/> holds.</summary>
    /// <exception cref="TimeoutException">It did not within <see cref="Patience"/>.</exception>
    public static async Task Until(Func<Task<bool>> condition, Func<string> description)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > Patience)
            {
                throw new TimeoutException($"Waited in vain: {description()}");
            }

            await Task.Delay(Interval);
        }
    }

    /// <summary>Awaits <paramref name="task"/>, but not for ever.</summary>
    /// <exception cref="TimeoutException">It did not end within <see cref="Patience"/>.</exception>
    public static async Task<T> For<T>(Task<T> task, string description)
    {
        try
        {
            return await task.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Waited in vain: {description}");
        }
    }

    /// <summary>Awaits <paramref name="task"/>, but not for ever.</summary>
    /// <exception cref="TimeoutException">It did not end within <see cref="Patience"/>.</exception>
    public static async Task For(Task task, string description)
    {
        try
        {
            await task.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Waited in vain: {description}");
        }
    }
}
