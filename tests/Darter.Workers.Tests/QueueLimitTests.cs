using System.Collections.Concurrent;
using System.Diagnostics;
using Darter.Wire;
using Microsoft.Extensions.Logging;

namespace Darter.Workers.Tests;

/// <summary>How many requests may wait, and for how long.</summary>
public sealed class QueueLimitTests : IDisposable
{
    private readonly ChannelHarness _harness = new();
    private readonly Lines _lines = new();

    public void Dispose() => _harness.Dispose();

    [Fact]
    public void Add_BeyondTheLimit_FailsTheRequestAndSaysItOnce()
    {
        Limit(most: 2, TimeSpan.Zero);
        (_, FakeWorker worker) = _harness.Open();
        FakeStream running = _harness.Add("/running");
        (uint id, _) = worker.ReadRequest();
        FakeStream[] waiting = [_harness.Add("/1"), _harness.Add("/2")];
        FakeStream[] refused = [_harness.Add("/3"), _harness.Add("/4")];

        Assert.All(refused, stream => Assert.Equal(["failed QueueFull"], stream.Events));
        Assert.All(waiting, stream => Assert.Empty(stream.Events));
        Assert.Single(_lines.Texts);
        Assert.Contains("--max-queue 2", _lines.Texts.First(), StringComparison.Ordinal);

        worker.Respond(id, "");

        // Two may come ahead of their time, and go back to the queue if this test is slow to start the first.
        Assert.Equal("/1", worker.StartRequest().Target);
        FakeStream later = _harness.Add("/5");
        Assert.Empty(later.Events);
        Assert.NotEmpty(running.Events);
    }

    [Fact]
    public void Add_WithAFreeChannel_IsNeverRefused()
    {
        Limit(most: 1, TimeSpan.Zero);
        (_, FakeWorker worker) = _harness.Open();
        for (int i = 0; i < 10; i++)
        {
            FakeStream stream = _harness.Add($"/{i}");
            worker.Respond(worker.ReadRequest().Stream, "");
            _harness.WaitFor(() => stream.Events.Count == 1);
            Assert.StartsWith("response 200", stream.Events[0], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Request_ThatWaitsTooLong_FailsAndOthersDoNot()
    {
        Limit(most: 0, TimeSpan.FromMilliseconds(50));
        (_, FakeWorker worker) = _harness.Open();
        FakeStream running = _harness.Add("/running");
        (uint id, _) = worker.ReadRequest();
        FakeStream[] waiting = [_harness.Add("/1"), _harness.Add("/2")];

        _harness.WaitFor(() => waiting.All(stream => stream.Events.Count > 0));

        Assert.All(waiting, stream => Assert.Equal(["failed QueueTimedOut"], stream.Events));
        Assert.Empty(running.Events);
        Assert.Contains("--queue-timeout 0.05", _lines.Texts.First(), StringComparison.Ordinal);
        worker.Respond(id, "");
        _harness.WaitFor(() => running.Events.Count == 1);
    }

    [Fact]
    public void Request_ThatAnEventLoopDoesNotStart_FailsToo()
    {
        Limit(most: 0, TimeSpan.FromMilliseconds(50));
        (Channel channel, FakeWorker worker) = _harness.Open(application: ApplicationInterface.Asgi);
        FakeStream started = _harness.Add("/started");
        worker.ReadRequest();
        FakeStream stream = _harness.Add("/unstarted");
        (uint id, _) = worker.ReadRequest(claim: false);

        _harness.WaitFor(() => stream.Events.Count > 0);

        Assert.Equal(["failed QueueTimedOut"], stream.Events);
        Assert.False(worker.TryClaim(1, id));
        Assert.Empty(started.Events);
        Assert.Equal(1, _harness.Run(() => channel.Count));
    }

    [Fact]
    public void Requests_ThatComeToABlockedEventLoopInThePlaceOfOthers_FailToo()
    {
        Limit(most: 0, TimeSpan.FromMilliseconds(50));
        _harness.Open(application: ApplicationInterface.Asgi);

        // Four are sent ahead. The others came later than they, so they are sent when those are refused.
        FakeStream[] streams = [.. Enumerable.Range(0, 8).Select(i => new FakeStream($"/{i}"))];
        int waiting = _harness.Run(() =>
        {
            Array.ForEach(streams, _harness.Queue.Add);
            for (int i = 0; i < streams.Length; i++)
            {
                ((WorkerStream)streams[i]).WaitingSince += (i < 4 ? -1 : 1) * Stopwatch.Frequency / 50;
            }

            return _harness.Queue.Waiting;
        });

        Assert.Equal(4, waiting);
        _harness.WaitFor(() => streams.All(stream => stream.Events.Count > 0));
        Assert.All(streams, stream => Assert.Equal(["failed QueueTimedOut"], stream.Events));
    }

    private void Limit(int most, TimeSpan timeout) => _harness.Run(() => _harness.Queue.SetLimits(most, timeout, _lines));

    private sealed class Lines : ILogger
    {
        public ConcurrentQueue<string> Texts { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Texts.Enqueue(formatter(state, exception));
    }
}
