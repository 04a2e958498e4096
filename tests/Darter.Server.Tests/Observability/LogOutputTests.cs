using System.Collections.Concurrent;
using System.Text;
using Darter.Server.Observability;
using Darter.Testing;

namespace Darter.Server.Tests.Observability;

public sealed class LogOutputTests : IDisposable
{
    private readonly CollectingSink _sink = new();
    private readonly ConcurrentQueue<string> _reports = new();
    private readonly LogOutput _output;

    public LogOutputTests() => _output = new LogOutput("test", _sink, new LogTrouble("The log", _reports.Enqueue), capacity: 100);

    public void Dispose()
    {
        _sink.GoOn();
        _output.Dispose();
    }

    [Fact]
    public async Task TryWrite_OfEntries_WritesThemInOrder()
    {
        string[] entries = [.. Enumerable.Range(0, 30).Select(number => $"{number}\n")];
        foreach (string entry in entries)
        {
            Assert.True(TryWrite(entry));
        }

        await Wait.Until(() => _sink.Entries.Count == 30, "the entries");
        Assert.Equal(entries, _sink.Entries);
        Assert.Empty(_reports);
    }

    [Fact]
    public async Task TryWrite_WhileTheDestinationIsSlow_DropsWhatDoesNotFitAndSaysHowMany()
    {
        _sink.Stall();
        Assert.True(TryWrite("first"));
        _sink.WaitUntilStalled();

        int accepted = Enumerable.Range(0, 15).Count(_ => TryWrite("0123456789"));
        Assert.Equal(10, accepted);
        _sink.GoOn();

        await Wait.Until(() => _reports.Any(report => report.Contains("lost 5 entries", StringComparison.Ordinal)), () => string.Join('\n', _reports));
        Assert.Equal(11, _sink.Entries.Count);
        Assert.Contains("not read or written as fast", _reports.First(), StringComparison.Ordinal);
        Assert.Equal(2, _reports.Count);
    }

    [Fact]
    public async Task Write_WhileTheDestinationIsSlow_WaitsForRoomAndLosesNothing()
    {
        _sink.Stall();
        Assert.True(TryWrite("first"));
        _sink.WaitUntilStalled();

        Task writer = Task.Run(
            () =>
            {
                for (int i = 0; i < 50; i++)
                {
                    _output.Write("0123456789"u8);
                }
            },
            TestContext.Current.CancellationToken);
        await Wait.Until(() => !TryWrite("0123456789"), "the buffer to be full");
        Assert.False(writer.IsCompleted);
        _sink.GoOn();

        await Wait.For(writer, "the writer");
        await Wait.Until(() => _sink.Entries.Count(entry => entry == "0123456789") >= 50, "the entries");
    }

    [Fact]
    public async Task TryWrite_ToABrokenDestination_CountsAndGoesOnOnceItWorksAgain()
    {
        _sink.Error = "No space left on device";
        Assert.True(TryWrite("lost"));
        await Wait.Until(() => _reports.Contains("The log loses entries: No space left on device"), "the report");

        _sink.Error = null;
        Assert.True(TryWrite("kept"));
        await Wait.Until(() => _reports.Contains("The log lost 1 entry"), () => string.Join('\n', _reports));
        Assert.Equal(["kept"], _sink.Entries);
    }

    [Fact]
    public async Task Reopen_ByAnyThread_ReachesTheDestinationBehindWhatWaits()
    {
        Assert.True(TryWrite("before"));
        _output.Reopen();
        await Wait.Until(() => _sink.Reopened == 1, "the destination to be opened again");
        Assert.Equal(["before"], _sink.Entries);
    }

    [Fact]
    public void Dispose_WritesWhatWaits()
    {
        Assert.True(TryWrite("last"));
        _output.Dispose();
        Assert.Equal(["last"], _sink.Entries);
        Assert.False(TryWrite("too late"));
    }

    private bool TryWrite(string entry) => _output.TryWrite(Encoding.UTF8.GetBytes(entry));
}
