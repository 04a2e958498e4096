using System.Diagnostics;
using CsCheck;

namespace Darter.Transport.Tests;

public sealed class LoopTimerTests : IDisposable
{
    private readonly CollectingLogger _logger = new();
    private readonly EventLoopGroup _group;
    private readonly EventLoop _loop;

    public LoopTimerTests()
    {
        _group = new EventLoopGroup(1, _logger);
        _loop = _group.Loops[0];
    }

    public void Dispose()
    {
        _group.Dispose();
        Assert.Empty(_logger.Entries);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    [InlineData(300)]
    [InlineData(20_000)]
    public async Task Set_WithADelay_RunsOnceAndNotEarlier(int microseconds)
    {
        TimeSpan delay = TimeSpan.FromMicroseconds(microseconds);
        TaskCompletionSource<TimeSpan> elapsed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        long start = 0;
        LoopTimer timer = _loop.CreateTimer(new Work(() => elapsed.SetResult(Stopwatch.GetElapsedTime(start))));
        await _loop.RunAsync(() =>
        {
            start = Stopwatch.GetTimestamp();
            timer.Set(delay);
            Assert.True(timer.IsSet);
        });

        Assert.True(await Wait.For(elapsed.Task, "the timer") >= delay);
        Assert.False(await _loop.RunAsync(() => timer.IsSet));
    }

    [Fact]
    public async Task Cancel_BeforeItIsDue_DoesNotRun()
    {
        bool ran = false;
        LoopTimer timer = _loop.CreateTimer(new Work(() => ran = true));
        TaskCompletionSource later = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await _loop.RunAsync(() =>
        {
            timer.Set(TimeSpan.FromMilliseconds(1));
            timer.Cancel();
            Assert.False(timer.IsSet);
            timer.Cancel();
            _loop.CreateTimer(new Work(later.SetResult)).Set(TimeSpan.FromMilliseconds(5));
        });

        await Wait.For(later.Task, "a later timer");

        Assert.False(ran);
    }

    [Fact]
    public async Task Cancel_ByATimerOfTheSamePass_DoesNotRun()
    {
        bool ran = false;
        TaskCompletionSource first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        LoopTimer second = _loop.CreateTimer(new Work(() => ran = true));
        await _loop.RunAsync(() =>
        {
            _loop.CreateTimer(new Work(() =>
            {
                second.Cancel();
                first.SetResult();
            })).Set(TimeSpan.Zero);
            second.Set(TimeSpan.FromTicks(1));
        });

        await Wait.For(first.Task, "the first timer");

        Assert.False(await _loop.RunAsync(() => ran));
    }

    [Fact]
    public async Task Set_Again_MovesTheTimer()
    {
        List<string> order = [];
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await _loop.RunAsync(() =>
        {
            LoopTimer moved = _loop.CreateTimer(new Work(() =>
            {
                order.Add("moved");
                done.SetResult();
            }));
            moved.Set(TimeSpan.Zero);
            _loop.CreateTimer(new Work(() => order.Add("other"))).Set(TimeSpan.FromMilliseconds(1));
            moved.Set(TimeSpan.FromMilliseconds(3));
        });

        await Wait.For(done.Task, "the moved timer");

        Assert.Equal(["other", "moved"], order);
    }

    [Fact]
    public async Task Set_ByItsOwnWork_RunsInALaterPass()
    {
        int ran = 0;
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        List<long> passes = [];
        LoopTimer? timer = null;
        timer = _loop.CreateTimer(new Work(() =>
        {
            passes.Add(_loop.PassNumber);
            if (++ran < 10)
            {
                timer!.Set(TimeSpan.Zero);
            }
            else
            {
                done.SetResult();
            }
        }));
        await _loop.RunAsync(() => timer.Set(TimeSpan.Zero));

        await Wait.For(done.Task, "ten runs");

        Assert.Equal(10, passes.Distinct().Count());
    }

    [Fact]
    public async Task Set_FarInTheFuture_DoesNotOverflow()
    {
        await _loop.RunAsync(() =>
        {
            LoopTimer timer = _loop.CreateTimer(new Work(() => { }));
            timer.Set(TimeSpan.MaxValue);
            Assert.True(timer.Due > 0);
            timer.Cancel();
            Assert.Throws<ArgumentOutOfRangeException>(() => timer.Set(TimeSpan.FromTicks(-1)));
        });
    }

    [Fact]
    public async Task Heap_SetMovedAndCancelledAtRandom_GivesTimersInOrder()
    {
        // Steps: which timer, and its new delay; a negative one cancels it.
        Gen<(int, int)[]> steps = Gen.Select(Gen.Int[0, 39], Gen.Int[-300, 1000]).Array[1, 400];
        await _loop.RunAsync(() => steps.Sample(
            sample =>
            {
                LoopTimer[] timers = [.. Enumerable.Range(0, 40).Select(_ => _loop.CreateTimer(new Work(() => { })))];
                foreach ((int index, int delay) in sample)
                {
                    if (delay < 0)
                    {
                        timers[index].Cancel();
                    }
                    else
                    {
                        timers[index].Set(TimeSpan.FromSeconds(1000 + delay));
                    }
                }

                long[] expected = [.. timers.Where(timer => timer.IsSet).Select(timer => timer.Due).Order()];
                List<long> drained = [];
                while (_loop.Timers.First is { } first)
                {
                    drained.Add(first.Due);
                    _loop.Timers.Remove(first);
                    Assert.False(first.IsSet);
                }

                Assert.Equal(expected, drained);
            },
            iter: 300,
            threads: 1));
    }
}
