using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace Darter.Workers.Native;

/// <summary>What happens to the entries of folders, as the kernel tells it: inotify(7). One thread at a time, but for <see cref="Wake"/>.</summary>
internal sealed unsafe class FolderNotices : IDisposable
{
    // A file counts when it is whole: closed after writing, or renamed into place. A folder counts at once.
    private const uint Mask = Libc.IN_CLOSE_WRITE | Libc.IN_MOVED_FROM | Libc.IN_MOVED_TO | Libc.IN_CREATE | Libc.IN_DELETE | Libc.IN_ONLYDIR;

    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly int _notices;
    private readonly int _wakeUpRead;
    private readonly int _wakeUpWrite;

    /// <exception cref="Win32Exception">The kernel has no more of something.</exception>
    internal FolderNotices()
    {
        _notices = Libc.inotify_init1(Libc.IN_CLOEXEC | Libc.IN_NONBLOCK);
        if (_notices < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        int* ends = stackalloc int[2];
        if (Libc.pipe2(ends, Libc.O_CLOEXEC | Libc.O_NONBLOCK) < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            _ = Libc.close(_notices);
            throw new Win32Exception(error);
        }

        (_wakeUpRead, _wakeUpWrite) = (ends[0], ends[1]);
    }

    /// <summary>Begins to watch a folder and returns its number; the same one for the same folder. Negative: it cannot be watched.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="isFull">Whether the reason is that the kernel watches no more of them (fs.inotify.max_user_watches).</param>
    internal int Add(string path, out bool isFull)
    {
        int number = Libc.inotify_add_watch(_notices, path, Mask);
        isFull = number < 0 && Marshal.GetLastPInvokeError() == Libc.ENOSPC;
        return number;
    }

    /// <summary>Watches a folder no more.</summary>
    internal void Remove(int number) => _ = Libc.inotify_rm_watch(_notices, number);

    /// <summary>Waits for notices, at most <paramref name="milliseconds"/> (-1: for ever), or until it is woken up.</summary>
    internal void Wait(int milliseconds)
    {
        Libc.pollfd* fds = stackalloc Libc.pollfd[2];
        fds[0] = new Libc.pollfd { fd = _notices, events = Libc.POLLIN };
        fds[1] = new Libc.pollfd { fd = _wakeUpRead, events = Libc.POLLIN };
        _ = Libc.poll(fds, 2, milliseconds);
        byte* rest = stackalloc byte[64];
        while (Libc.read(_wakeUpRead, rest, 64) > 0)
        {
        }
    }

    /// <summary>Ends the wait of the other thread. Any thread.</summary>
    internal void Wake()
    {
        byte one = 1;
        _ = Libc.write(_wakeUpWrite, &one, 1);
    }

    /// <summary>Passes on what has come since the last time.</summary>
    internal void Read(Action<FolderNotice> take)
    {
        fixed (byte* buffer = _buffer)
        {
            while (Libc.read(_notices, buffer, (nuint)_buffer.Length) is var length and > 0)
            {
                for (byte* at = buffer; at < buffer + length;)
                {
                    Libc.inotify_event* notice = (Libc.inotify_event*)at;
                    byte* name = at + sizeof(Libc.inotify_event);
                    take(new FolderNotice(
                        notice->wd,
                        Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(notice->len > 0 ? name : Empty)),
                        IsFolder: (notice->mask & Libc.IN_ISDIR) != 0,
                        IsGone: (notice->mask & (Libc.IN_DELETE | Libc.IN_MOVED_FROM)) != 0,
                        IsWhole: (notice->mask & (Libc.IN_CLOSE_WRITE | Libc.IN_MOVED_TO)) != 0,
                        IsEnd: (notice->mask & Libc.IN_IGNORED) != 0,
                        IsLoss: (notice->mask & Libc.IN_Q_OVERFLOW) != 0));
                    at = name + notice->len;
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ = Libc.close(_notices);
        _ = Libc.close(_wakeUpRead);
        _ = Libc.close(_wakeUpWrite);
    }

    private static byte* Empty => (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference("\0"u8));
}
