using System.Buffers;
using Darter.Transport.Native;
using Microsoft.Win32.SafeHandles;

namespace Darter.Transport.Files;

/// <summary>A file or folder that is open for reading. Its owner disposes it when no read is under way.</summary>
public sealed class OpenedFile : IDisposable
{
    // The system reads ahead by as much.
    private const int LoadSize = 128 * 1024;

    // Each look is a call of the system, and what is in memory is seldom in small pieces.
    private const int LookStep = 1024 * 1024;

    private readonly int _descriptor;
    private int _users = 1;
    private int _disposed;

    internal OpenedFile(int descriptor, in FileStatus status)
    {
        _descriptor = descriptor;
        Status = status;
    }

    /// <summary>Takes over a descriptor that came from elsewhere; nothing is known of the file.</summary>
    public OpenedFile(SafeFileHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        _descriptor = (int)handle.DangerousGetHandle();
        handle.SetHandleAsInvalid();
    }

    /// <summary>What it was when it was opened.</summary>
    public FileStatus Status { get; }

    /// <summary>The descriptor.</summary>
    internal int Descriptor => Volatile.Read(ref _users) > 0 ? _descriptor : throw new ObjectDisposedException(nameof(OpenedFile));

    /// <summary>Reads what is in memory already, without waiting for a disk: the number of bytes, 0 at the end, -1: it would wait.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public int ReadCached(Span<byte> buffer, long offset) => FileReading.Read(Descriptor, buffer, offset, mayWait: false);

    /// <summary>Reads, waiting as long as it takes: the number of bytes, 0 at the end.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public int Read(Span<byte> buffer, long offset) => FileReading.Read(Descriptor, buffer, offset, mayWait: true);

    /// <summary>What is in the folder that this is, once: at most <paramref name="most"/> entries, in no order.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public IReadOnlyList<FolderEntry> ReadFolder(int most, out bool isComplete) => FolderReading.Read(Descriptor, most, out isComplete);

    /// <summary>Whether a region is in memory, so that reading it would not wait for a disk.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public bool IsCached(long offset, int length)
    {
        Span<byte> one = stackalloc byte[1];
        long last = offset + length - 1;
        for (long position = offset; ; position = Math.Min(position + LookStep, last))
        {
            if (ReadCached(one, position) < 0)
            {
                return false;
            }

            if (position == last)
            {
                return true;
            }
        }
    }

    /// <summary>Has the system read a region into memory, and waits for it.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public void Load(long offset, int length)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(LoadSize);
        try
        {
            for (long end = offset + length; offset < end;)
            {
                int read = Read(buffer.AsSpan(0, (int)Math.Min(LoadSize, end - offset)), offset);
                if (read == 0)
                {
                    return;
                }

                offset += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Keeps the descriptor open until <see cref="Release"/>, whatever the owner does.</summary>
    internal void Hold() => Interlocked.Increment(ref _users);

    /// <summary>Ends <see cref="Hold"/>.</summary>
    internal void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            _ = Libc.close(_descriptor);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            Release();
        }
    }
}
