using System.Diagnostics;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using Darter.Transport.Files;
using Darter.Transport.Native;

namespace Darter.Transport;

/// <summary>Regions of files among what is written: at most one at a time, and behind all that is in memory.</summary>
internal sealed partial class SocketOutput
{
    // After a region of this size the loop's other connections have their turn.
    private const int TurnSize = 256 * 1024;

    // Bytes for one call of the system. With more of them the peer finds less of it in the processor's cache.
    private const int CallSize = 512 * 1024;

    /// <summary>What a writer gets in place of memory for a region. It is never read; its identity shows that the writer
    /// passes on what it gets.</summary>
    private static readonly byte[] s_placeholder = new byte[1];

    // The writer's, until a flush hands it over.
    private FileTransfer? _nextFile;

    // Guarded by the lock.
    private FileTransfer? _file;
    private bool _fileFinishesHere;

    /// <inheritdoc cref="IFileOutputFeature.TryWrite"/>
    internal FileTransfer? TryWriteFile(PipeWriter writer, OpenedFile file, long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        if (_nextFile is not null)
        {
            throw MustFlush();
        }

        FileTransfer transfer = new(_loop, file, offset, length);
        _nextFile = transfer;
        try
        {
            if (IsPlaceholder(writer.GetMemory(1)))
            {
                writer.Advance(length);
            }
        }
        finally
        {
            if (!transfer.IsWritten)
            {
                _nextFile = null;
                transfer.Drop();
            }
        }

        return transfer.IsWritten ? transfer : null;
    }

    private static bool IsPlaceholder(ReadOnlyMemory<byte> memory) =>
        MemoryMarshal.TryGetArray(memory, out ArraySegment<byte> segment) && ReferenceEquals(segment.Array, s_placeholder);

    private static InvalidOperationException MustFlush() => new("A file was written; nothing can follow it before it was flushed and sent.");

    private static Memory<byte> PlaceholderOf(FileTransfer transfer) => transfer.IsWritten ? throw MustFlush() : s_placeholder;

    private void AdvanceFile(FileTransfer transfer, int bytes)
    {
        if (bytes == 0)
        {
            return;
        }

        if (transfer.IsWritten || bytes != transfer.Left)
        {
            throw new ArgumentOutOfRangeException(nameof(bytes));
        }

        transfer.IsWritten = true;
        _unflushed += bytes;
    }

    /// <summary>Takes a region over from the writer. Under the lock.</summary>
    private void CommitFile()
    {
        if (_file is not null && _unflushed > 0)
        {
            throw MustFlush();
        }

        if (_nextFile is { IsWritten: true } transfer)
        {
            _nextFile = null;
            _file = transfer;

            // Only the loop has others that wait for their turn; to wake it for each region of a writer on another thread
            // takes as long as the region does.
            _fileFinishesHere = transfer.Left < TurnSize || !_loop.IsCurrent;
            transfer.OnFlushed();
        }
    }

    /// <summary>Sends from the region. Under the lock.</summary>
    /// <returns>False: it has to go on when the socket has room again, or the output is closed.</returns>
    private bool TrySendFile(FileTransfer transfer)
    {
        // A peer on this machine would copy the pages out of memory that is in no processor's cache, one at a time and alone.
        // What was copied here is there when it reads it, and nothing is saved by not copying: no device takes the pages.
        int sent = _connection.CopiesFiles
            ? FileSending.Copy(_connection.Descriptor, transfer.Descriptor, transfer.Offset, transfer.Left)
            : FileSending.Send(_connection.Descriptor, transfer.Descriptor, transfer.Offset, Math.Min(transfer.Left, CallSize));
        switch (sent)
        {
            case > 0:
                _unsent -= sent;
                transfer.Advance(sent);
                if (transfer.Left == 0)
                {
                    FinishFile();
                    ReleaseSent();
                }

                return true;
            case StreamSocket.WouldBlock:
                Stall();
                return false;
            default:
                if (sent == 0 || !StreamSocket.IsPeerGone(sent))
                {
                    transfer.Fail(new IOException(sent == 0 ? "it became shorter while it was sent" : Marshal.GetPInvokeErrorMessage(-sent)));
                }

                Close();
                _connection.PeerIsGone();
                return false;
        }
    }

    private void FinishFile()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread);
        _file?.Finish(_fileFinishesHere);
        _file = null;
    }
}
