using System.Diagnostics;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using Darter.Transport.Files;
using Darter.Transport.Native;

namespace Darter.Transport;

/// <summary>Regions of files among what is written: at most one at a time, and behind all that is in memory.</summary>
internal sealed partial class SocketOutput
{
    // A region from this size on lets the loop's other connections have their turn before the next is written.
    private const int TurnSize = 256 * 1024;

    /// <summary>What a writer gets in place of memory for a region. It is never read; its identity shows that the writer
    /// passes on what it gets.</summary>
    private static readonly byte[] s_placeholder = new byte[1];

    // The writer's, until a flush hands it over.
    private FileRegion? _nextFile;

    // Guarded by the lock.
    private FileRegion? _file;
    private int _fileSent;
    private IOException? _fileFailure;

    /// <summary>Bytes of the last region that were sent. Any thread.</summary>
    internal int FileSent => Volatile.Read(ref _fileSent);

    /// <summary>Why the last region could not be sent. Any thread.</summary>
    internal IOException? FileFailure
    {
        get
        {
            lock (_gate)
            {
                return _fileFailure;
            }
        }
    }

    /// <inheritdoc cref="IFileOutputFeature.TryWrite"/>
    internal bool TryWriteFile(PipeWriter writer, OpenedFile file, long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        if (_nextFile is not null)
        {
            throw MustFlush();
        }

        FileRegion region = new(file, offset, length);
        _nextFile = region;
        try
        {
            if (IsPlaceholder(writer.GetMemory(1)))
            {
                writer.Advance(length);
            }
        }
        finally
        {
            if (!region.IsWritten)
            {
                _nextFile = null;
                region.Dispose();
            }
        }

        return region.IsWritten;
    }

    private static bool IsPlaceholder(ReadOnlyMemory<byte> memory) =>
        MemoryMarshal.TryGetArray(memory, out ArraySegment<byte> segment) && ReferenceEquals(segment.Array, s_placeholder);

    private static InvalidOperationException MustFlush() => new("A file was written; nothing can follow it before a flush.");

    private static Memory<byte> PlaceholderOf(FileRegion region) => region.IsWritten ? throw MustFlush() : s_placeholder;

    private void AdvanceFile(FileRegion region, int bytes)
    {
        if (bytes == 0)
        {
            return;
        }

        if (region.IsWritten || bytes != region.Left)
        {
            throw new ArgumentOutOfRangeException(nameof(bytes));
        }

        region.IsWritten = true;
        _unflushed += bytes;
    }

    /// <summary>Takes a region over from the writer. Under the lock.</summary>
    /// <returns>Whether the flush is to end in the loop's next pass, however much the socket takes.</returns>
    private bool CommitFile()
    {
        if (_nextFile is not { IsWritten: true } region)
        {
            return false;
        }

        if (_file is not null)
        {
            // The flush before was cancelled.
            throw MustFlush();
        }

        _nextFile = null;
        _file = region;
        Volatile.Write(ref _fileSent, 0);
        return region.Left >= TurnSize;
    }

    /// <summary>Sends from the region. Under the lock.</summary>
    /// <returns>False: it has to go on when the socket has room again, or the output is closed.</returns>
    private bool TrySendFile(FileRegion region)
    {
        int sent = FileSending.Send(_connection.Descriptor, region.Descriptor, region.Offset, region.Left);
        switch (sent)
        {
            case > 0:
                _unsent -= sent;
                region.Advance(sent);
                Volatile.Write(ref _fileSent, _fileSent + sent);
                if (region.Left == 0)
                {
                    ReleaseFile();
                    ReleaseSent();
                }

                return true;
            case StreamSocket.WouldBlock:
                Stall();
                return false;
            default:
                if (sent is 0 || !StreamSocket.IsPeerGone(sent))
                {
                    _fileFailure = new IOException(sent == 0 ? "it became shorter while it was sent" : Marshal.GetPInvokeErrorMessage(-sent));
                }

                Close();
                _connection.PeerIsGone();
                return false;
        }
    }

    private void ReleaseFile()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread);
        _file?.Dispose();
        _file = null;
    }
}
