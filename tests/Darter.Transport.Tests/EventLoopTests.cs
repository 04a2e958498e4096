namespace Darter.Transport.Tests;

public sealed class EventLoopTests : IDisposable
{
    private readonly CollectingLogger _logger = new();
    private readonly EventLoopGroup _group;
    private readonly EventLoop _loop;

    public EventLoopTests()
    {
        _group = new EventLoopGroup(1, _logger);
        _loop = _group.Loops[0];
    }

    public void Dispose()
    {
        _group.Dispose();
    }

    [Fact]
    public async Task Current_OnTheLoopsThread_IsTheLoop()
    {
        Assert.Null(EventLoop.Current);
        Assert.False(_loop.IsCurrent);

        (EventLoop? current, bool isCurrent, string? name, bool background) = await _loop.RunAsync(
            () => (EventLoop.Current, _loop.IsCurrent, Thread.CurrentThread.Name, Thread.CurrentThread.IsBackground));

        Assert.Same(_loop, current);
        Assert.True(isCurrent);
        Assert.True(background);
        Assert.Equal("darter-loop-0", name);
    }

    [Fact]
    public async Task Post_FromManyThreads_KeepsEachThreadsOrder()
    {
        const int Threads = 8;
        const int Each = 20_000;
        int[] next = new int[Threads];
        bool ordered = true;
        int ran = 0;
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(thread => new Thread(() =>
        {
            for (int i = 0; i < Each; i++)
            {
                int number = i;
                _loop.Post(new Work(() =>
                {
                    ordered &= next[thread]++ == number;
                    if (++ran == Threads * Each)
                    {
                        done.SetResult();
                    }
                }));
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());

        await Wait.For(done.Task, "all posted work to run");
        Assert.True(ordered);
        Array.ForEach(threads, thread => thread.Join());
    }

    [Fact]
    public async Task Post_ToALoopThatKeepsFallingAsleep_AlwaysWakesIt()
    {
        // Each round trip lets the loop go to sleep, so that many posts meet it on its way there.
        for (int i = 0; i < 20_000; i++)
        {
            TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _loop.Post(new Work(done.SetResult));
            await Wait.For(done.Task, "a sleeping loop to run posted work");
        }
    }

    [Fact]
    public async Task Post_FromPostedWork_RunsInTheNextPass()
    {
        List<string> order = [];
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _loop.Post(new Work(() =>
        {
            _loop.Post(new Work(() =>
            {
                order.Add("posted");
                done.SetResult();
            }));
            _loop.AtEndOfPass(new Work(() => order.Add("end")));
            order.Add("work");
        }));

        await Wait.For(done.Task, "the second pass");

        Assert.Equal(["work", "end", "posted"], order);
    }

    [Fact]
    public async Task AtEndOfPass_AddedByWorkAtTheEnd_RunsInTheSamePass()
    {
        List<string> order = [];
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _loop.Post(new Work(() =>
        {
            _loop.Post(new Work(() =>
            {
                order.Add("next pass");
                done.SetResult();
            }));
            _loop.AtEndOfPass(new Work(() =>
            {
                order.Add("first");
                _loop.AtEndOfPass(new Work(() => order.Add("added")));
            }));
            _loop.AtEndOfPass(new Work(() => order.Add("second")));
        }));

        await Wait.For(done.Task, "the second pass");

        Assert.Equal(["first", "second", "added", "next pass"], order);
    }

    [Fact]
    public async Task AtEndOfNextPass_RunsWithoutAnEvent()
    {
        List<string> order = [];
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _loop.Post(new Work(() => _loop.AtEndOfPass(new Work(() =>
        {
            long pass = _loop.PassNumber;
            _loop.AtEndOfNextPass(new Work(() =>
            {
                order.Add($"next by {_loop.PassNumber - pass}, events {_loop.EventsInPass}");
                _loop.AtEndOfNextPass(new Work(() =>
                {
                    order.Add($"next by {_loop.PassNumber - pass}");
                    done.SetResult();
                }));
            }));
            order.Add("first");
        }))));

        await Wait.For(done.Task, "the passes");

        Assert.Equal(["first", "next by 1, events 0", "next by 2"], order);
    }

    [Fact]
    public async Task AtEndOfPass_OfATimer_RunsAfterTheTimersOfThePass()
    {
        List<string> order = [];
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await _loop.RunAsync(() =>
        {
            _loop.CreateTimer(new Work(() =>
            {
                order.Add("timer 1");
                _loop.AtEndOfPass(new Work(() =>
                {
                    order.Add("end");
                    done.SetResult();
                }));
            })).Set(TimeSpan.Zero);
            _loop.CreateTimer(new Work(() => order.Add("timer 2"))).Set(TimeSpan.Zero);
        });

        await Wait.For(done.Task, "the timers");

        Assert.Equal(["timer 1", "timer 2", "end"], order);
    }

    [Fact]
    public async Task Run_WorkThrows_IsLoggedAndTheLoopGoesOn()
    {
        await _loop.RunAsync(() =>
        {
            _loop.AtEndOfPass(new Work(() => throw new InvalidOperationException("at the end")));
            _loop.CreateTimer(new Work(() => throw new InvalidOperationException("in a timer"))).Set(TimeSpan.Zero);
        });
        _loop.Post(new Work(() => throw new InvalidOperationException("in posted work")));
        await Wait.Until(() => _logger.Entries.Count == 3, "three entries in the log");

        Assert.True(await _loop.RunAsync(() => _loop.IsCurrent));
        Assert.Contains(_logger.Entries, entry => entry.Contains("at the end", StringComparison.Ordinal));
        Assert.Contains(_logger.Entries, entry => entry.Contains("in a timer", StringComparison.Ordinal));
        Assert.Contains(_logger.Entries, entry => entry.Contains("in posted work", StringComparison.Ordinal));
    }

    [Fact]
    public void Dispose_WorkPostedBefore_HasRun()
    {
        int ran = 0;
        for (int i = 0; i < 100; i++)
        {
            _loop.Post(new Work(() => ran++));
        }

        _group.Dispose();

        Assert.Equal(100, ran);
        Assert.Throws<ObjectDisposedException>(() => _loop.Post(new Work(() => { })));
    }

    [Fact]
    public void Loops_OfAGroup_AreNumbered()
    {
        using EventLoopGroup group = new(3, _logger);

        Assert.Equal([0, 1, 2], group.Loops.Select(loop => loop.Index));
    }
}
