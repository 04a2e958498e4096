namespace Darter.Server.Observability;

/// <summary>Where a log's entries end up. Used by one thread, which may be kept waiting.</summary>
internal interface ILogSink : IDisposable
{
    /// <summary>Writes entries.</summary>
    /// <param name="bytes">All entries, one behind the other.</param>
    /// <param name="ends">Where in <paramref name="bytes"/> each entry ends.</param>
    /// <returns>What could not be written.</returns>
    LogLoss Write(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> ends);

    /// <summary>Begins anew, where the destination is a file that may have been renamed. Returns what was wrong, or null.</summary>
    string? Reopen();
}
