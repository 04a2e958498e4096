using Darter.Transport.Native;

namespace Darter.Transport.Files;

/// <summary>A file or folder that is open for reading. Its owner disposes it when no read is under way.</summary>
public sealed class OpenedFile : IDisposable
{
    private int _descriptor;

    internal OpenedFile(int descriptor, in FileStatus status)
    {
        _descriptor = descriptor;
        Status = status;
    }

    /// <summary>What it was when it was opened.</summary>
    public FileStatus Status { get; }

    /// <summary>The descriptor.</summary>
    internal int Descriptor => _descriptor >= 0 ? _descriptor : throw new ObjectDisposedException(nameof(OpenedFile));

    /// <summary>Reads what is in memory already, without waiting for a disk: the number of bytes, 0 at the end, -1: it would wait.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public int ReadCached(Span<byte> buffer, long offset) => FileReading.Read(Descriptor, buffer, offset, mayWait: false);

    /// <summary>Reads, waiting as long as it takes: the number of bytes, 0 at the end.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public int Read(Span<byte> buffer, long offset) => FileReading.Read(Descriptor, buffer, offset, mayWait: true);

    /// <summary>What is in the folder that this is, once: at most <paramref name="most"/> entries, in no order.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public IReadOnlyList<FolderEntry> ReadFolder(int most, out bool isComplete) => FolderReading.Read(Descriptor, most, out isComplete);

    /// <inheritdoc/>
    public void Dispose()
    {
        int descriptor = Interlocked.Exchange(ref _descriptor, -1);
        if (descriptor >= 0)
        {
            _ = Libc.close(descriptor);
        }
    }
}
