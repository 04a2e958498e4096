using System.Text.Json;
using System.Text.RegularExpressions;
using Darter.Server.Observability;
using Darter.Testing;
using Microsoft.Extensions.Logging;

namespace Darter.Server.Tests.Observability;

public sealed class ErrorLogTests : IDisposable
{
    private readonly CollectingSink _sink = new();
    private readonly LogOutput _output;

    public ErrorLogTests() => _output = new LogOutput("test", _sink, new LogTrouble("The log", _ => { }));

    public void Dispose() => _output.Dispose();

    [Fact]
    public async Task Log_OfAnEvent_IsOneLineAsGunicornWritesIt()
    {
        Log("Darter.Server", LogLevel.Information, "Listening");
        Assert.Matches(@"^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}\] \[\d+\] \[INFO\] Listening\n$", await EntryAsync());
    }

    [Theory]
    [InlineData("Darter.Server", LogLevel.Debug, false)]
    [InlineData("Darter.Server", LogLevel.Information, true)]
    [InlineData("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Information, false)]
    [InlineData("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Warning, true)]
    public void Log_AtLevelInfo_LeavesOutDetailsAndTheLibrariesChatter(string category, LogLevel level, bool written)
    {
        Log(category, level, "text");
        _output.Dispose();
        Assert.Equal(written ? 1 : 0, _sink.Entries.Count);
    }

    [Fact]
    public async Task Log_AsJson_IsOneObjectALine()
    {
        Log("Darter.Server", LogLevel.Error, "two\nlines \"quoted\"", json: true);
        string entry = await EntryAsync();
        Assert.Single(Regex.Matches(entry, "\n"));
        JsonElement line = JsonDocument.Parse(entry).RootElement;
        Assert.Equal("ERROR", line.GetProperty("level").GetString());
        Assert.Equal("Darter.Server", line.GetProperty("logger").GetString());
        Assert.Equal("two\nlines \"quoted\"", line.GetProperty("message").GetString());
        Assert.Equal(Environment.ProcessId, line.GetProperty("pid").GetInt32());
        Assert.True(line.GetProperty("time").TryGetDateTimeOffset(out _));
    }

    [Fact]
    public async Task Output_OfAWorker_IsALineWithItsName()
    {
        new ErrorLog(_output, json: false, null, null, TimeProvider.System).OnLine("worker 3", 4711, "grüße"u8);
        Assert.Matches(@"^\[.*\] \[4711\] \[INFO\] worker 3: grüße\n$", await EntryAsync());
    }

    private void Log(string category, LogLevel level, string text, bool json = false)
    {
        using LineLoggerProvider provider = new(new ErrorLog(_output, json, null, null, TimeProvider.System), LogLevel.Information);
        provider.CreateLogger(category).Log(level, 0, text, null, static (state, _) => state);
    }

    private async Task<string> EntryAsync()
    {
        await Wait.Until(() => _sink.Entries.Count == 1, "the entry");
        return _sink.Entries[0];
    }
}
