using Darter.Transport;

namespace Darter.Server.Observability;

/// <summary>A file that is appended to, or one of the standard streams. Entries end with a line feed.</summary>
internal sealed class FileLogSink : ILogSink
{
    private readonly string? _path;
    private AppendFile _file;
    private bool _isWithinLine;

    private FileLogSink(string? path, AppendFile file)
    {
        _path = path;
        _file = file;
    }

    /// <summary>Opens a file.</summary>
    /// <exception cref="IOException">It cannot be opened; the message says why.</exception>
    internal static FileLogSink Open(string path) => new(path, AppendFile.Open(path));

    internal static FileLogSink ToStandardOutput() => new(null, AppendFile.StandardOutput);

    internal static FileLogSink ToStandardError() => new(null, AppendFile.StandardError);

    /// <inheritdoc/>
    public LogLoss Write(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> ends)
    {
        string? error = null;
        if (_isWithinLine && _file.Write("\n"u8, out error) == 1)
        {
            // The disk was full within a line; what follows is not to be taken for the rest of it.
            _isWithinLine = false;
        }

        int written = error is null ? _file.Write(bytes, out error) : 0;
        if (written == bytes.Length)
        {
            return default;
        }

        int place = ends.BinarySearch(written);
        int whole = place >= 0 ? place + 1 : ~place;
        _isWithinLine |= written > (whole == 0 ? 0 : ends[whole - 1]);
        return new LogLoss(ends.Length - whole, error);
    }

    /// <inheritdoc/>
    public string? Reopen()
    {
        if (_path is null)
        {
            return null;
        }

        try
        {
            AppendFile file = AppendFile.Open(_path);
            _file.Dispose();
            _file = file;
            _isWithinLine = false;
            return null;
        }
        catch (IOException exception)
        {
            return exception.Message;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
