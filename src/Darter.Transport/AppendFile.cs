using System.Runtime.InteropServices;
using Darter.Transport.Native;
using Microsoft.Win32.SafeHandles;

namespace Darter.Transport;

/// <summary>
/// A file, pipe or terminal at whose end bytes are written, whoever else writes there. Blocks while the reader of a pipe
/// is slow. One thread at a time.
/// </summary>
public sealed class AppendFile : IDisposable
{
    private readonly SafeFileHandle _handle;

    private AppendFile(SafeFileHandle handle) => _handle = handle;

    /// <summary>Standard output; disposing this does not close it.</summary>
    public static AppendFile StandardOutput => new(new SafeFileHandle(1, ownsHandle: false));

    /// <summary>Standard error; disposing this does not close it.</summary>
    public static AppendFile StandardError => new(new SafeFileHandle(2, ownsHandle: false));

    /// <summary>Opens a file, creating it if need be.</summary>
    /// <exception cref="IOException">It cannot be opened; the message says why.</exception>
    public static AppendFile Open(string path) => FileWriting.OpenForAppend(path, out int errno) is { } handle
        ? new AppendFile(handle)
        : throw new IOException(Marshal.GetPInvokeErrorMessage(errno));

    /// <summary>Writes <paramref name="bytes"/> and returns how many were written; fewer mean <paramref name="error"/>.</summary>
    public int Write(ReadOnlySpan<byte> bytes, out string? error)
    {
        int written = FileWriting.WriteAll(_handle, bytes, out int errno);
        error = errno == 0 ? null : Marshal.GetPInvokeErrorMessage(errno);
        return written;
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
