using System.Runtime.InteropServices;
using Darter.Transport.Native;
using static Darter.Transport.Native.LibcConstants;

namespace Darter.Transport.Files;

/// <summary>A folder whose files are opened by paths that strangers send: nothing outside it is ever opened. Any thread.</summary>
public sealed unsafe class ServedFolder : IDisposable
{
    private readonly BeneathOpening _opening;
    private int _descriptor;

    private ServedFolder(int descriptor, bool followLinks, bool asksKernel)
    {
        _descriptor = descriptor;
        _opening = new BeneathOpening(descriptor, followLinks, asksKernel);
    }

    /// <summary>Opens the folder, once: it stays the same one if another takes over its name.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="followLinks">Whether links may lead out of it.</param>
    /// <exception cref="IOException">It cannot be opened, or is no folder; the message says why.</exception>
    public static ServedFolder Open(string path, bool followLinks) => Open(path, followLinks, asksKernel: true);

    /// <summary>The same; <paramref name="asksKernel"/> as of <see cref="BeneathOpening"/>.</summary>
    internal static ServedFolder Open(string path, bool followLinks, bool asksKernel)
    {
        int descriptor = Libc.open(path, O_PATH | O_CLOEXEC, 0);
        if (descriptor < 0)
        {
            throw new IOException(Marshal.GetPInvokeErrorMessage(Libc.Errno));
        }

        if (!TryGetStatus(descriptor, out FileStatus status) || status.Kind != FileKind.Folder)
        {
            _ = Libc.close(descriptor);
            throw new IOException("it is not a folder");
        }

        return new ServedFolder(descriptor, followLinks, asksKernel);
    }

    /// <summary>Its path without links, as the kernel knows it; null: it does not say.</summary>
    public string? RealPath
    {
        get
        {
            try
            {
                return new FileInfo($"/proc/self/fd/{_descriptor}").LinkTarget;
            }
            catch (IOException)
            {
                // There need not be a /proc.
                return null;
            }
        }
    }

    /// <summary>Opens a file or folder below it for reading.</summary>
    /// <param name="path">The path, relative, without empty, <c>.</c> and <c>..</c> parts, ended by a zero.</param>
    /// <param name="mayWait">Whether it may wait for a disk.</param>
    /// <param name="file">The file, for the caller to dispose.</param>
    public OpenOutcome TryOpen(ReadOnlySpan<byte> path, bool mayWait, out OpenedFile? file)
    {
        file = null;
        int descriptor = _opening.OpenForReading(path, mayWait);
        if (descriptor < 0)
        {
            return OutcomeOf(-descriptor);
        }

        if (!TryGetStatus(descriptor, out FileStatus status))
        {
            _ = Libc.close(descriptor);
            return OpenOutcome.Failed;
        }

        if (status.Kind is not (FileKind.Regular or FileKind.Folder))
        {
            // Opening a pipe or a device this way does not wait; reading from it could, and is nobody's business.
            _ = Libc.close(descriptor);
            return OpenOutcome.NotFound;
        }

        file = new OpenedFile(descriptor, status);
        return OpenOutcome.Opened;
    }

    /// <summary>What there is under a path below the folder; null: nothing that may be served. May wait for a disk.</summary>
    public FileStatus? GetStatus(ReadOnlySpan<byte> path)
    {
        int descriptor = _opening.Find(path);
        if (descriptor < 0)
        {
            return null;
        }

        bool known = TryGetStatus(descriptor, out FileStatus status);
        _ = Libc.close(descriptor);
        return known ? status : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        int descriptor = Interlocked.Exchange(ref _descriptor, -1);
        if (descriptor >= 0)
        {
            _ = Libc.close(descriptor);
        }
    }

    private static OpenOutcome OutcomeOf(int errno) => errno switch
    {
        EAGAIN => OpenOutcome.WouldWait,
        EACCES or EPERM => OpenOutcome.Forbidden,
        EMFILE or ENFILE or ENOMEM => OpenOutcome.Exhausted,
        EIO => OpenOutcome.Failed,
        _ => OpenOutcome.NotFound,
    };

    private static bool TryGetStatus(int descriptor, out FileStatus status)
    {
        byte empty = 0;
        statx_t result;
        bool known = Libc.statx(descriptor, &empty, AT_EMPTY_PATH, STATX_BASIC_STATS, &result) == 0;
        status = known ? FileStatus.From(result) : default;
        return known;
    }
}
