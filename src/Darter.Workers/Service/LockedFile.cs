using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Darter.Workers.Native;
using Microsoft.Win32.SafeHandles;

namespace Darter.Workers.Service;

/// <summary>
/// A small text file under an exclusive lock that belongs to the open file, not to the process: who inherits the descriptor
/// shares it, and it is gone when the last of them has ended, however that came about.
/// </summary>
public sealed class LockedFile : IDisposable
{
    private readonly SafeFileHandle _handle;

    private LockedFile(SafeFileHandle handle) => _handle = handle;

    /// <summary>The descriptor.</summary>
    public int Descriptor => (int)_handle.DangerousGetHandle();

    /// <summary>Opens or creates a file; null when another process has it.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static LockedFile? TryOpen(string path)
    {
        int fd = Libc.open(path, Libc.O_RDWR | Libc.O_CREAT | Libc.O_CLOEXEC, 0x1A4 /* 0644 */);
        if (fd < 0)
        {
            throw new IOException(Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()));
        }

        SafeFileHandle handle = new(fd, ownsHandle: true);
        if (TryLock(fd))
        {
            return new LockedFile(handle);
        }

        handle.Dispose();
        return null;
    }

    /// <summary>Takes over a locked file that the parent process opened.</summary>
    public static LockedFile Adopt(int descriptor)
    {
        _ = Libc.fcntl(descriptor, Libc.F_SETFD, Libc.FD_CLOEXEC);
        return new LockedFile(new SafeFileHandle(descriptor, ownsHandle: true));
    }

    /// <summary>Whether <paramref name="path"/> is this file still.</summary>
    public bool IsAt(string path) => FileIdentity.Of(_handle) is { } own && FileIdentity.Of(path) is { } there && own == there;

    /// <summary>Replaces the content, a line; a reader sees the old or the new one first.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        RandomAccess.Write(_handle, bytes, 0);
        RandomAccess.SetLength(_handle, bytes.Length);
    }

    /// <summary>Gives the file to a user and a group.</summary>
    /// <exception cref="Win32Exception">The kernel does not allow it.</exception>
    public void Give(uint user, uint group)
    {
        if (Libc.fchown(Descriptor, user, group) < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _handle.Dispose();

    // Not flock(2), which the runtime takes when it reads a file.
    private static unsafe bool TryLock(int fd)
    {
        Libc.flock whole = new() { l_type = Libc.F_WRLCK };
        return Libc.fcntl_lock(fd, Libc.F_OFD_SETLK, &whole) == 0;
    }
}
