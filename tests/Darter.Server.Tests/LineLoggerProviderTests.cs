using System.Globalization;
using Darter.Server.Observability;
using Microsoft.Extensions.Logging;

namespace Darter.Server.Tests;

public sealed class LineLoggerProviderTests : IDisposable
{
    private readonly StringWriter _text = new(CultureInfo.InvariantCulture);

    public void Dispose() => _text.Dispose();

    [Fact]
    public void Log_OfAnEvent_IsOneLineAsGunicornWritesIt()
    {
        Write("Darter.Server", LogLevel.Information, "Listening");

        Assert.Matches(@"^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}\] \[\d+\] \[INFO\] Listening\n$", _text.ToString());
    }

    [Theory]
    [InlineData("Darter.Server", LogLevel.Debug, false)]
    [InlineData("Darter.Server", LogLevel.Information, true)]
    [InlineData("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Information, false)]
    [InlineData("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Warning, true)]
    public void Log_AtLevelInfo_LeavesOutDetailsAndTheLibrariesChatter(string category, LogLevel level, bool written)
    {
        Write(category, level, "text");

        Assert.Equal(written, _text.ToString().Length > 0);
    }

    private void Write(string category, LogLevel level, string text)
    {
        using LineLoggerProvider provider = new(_text, LogLevel.Information, TimeProvider.System);
        provider.CreateLogger(category).Log(level, 0, text, null, static (state, _) => state);
    }
}
