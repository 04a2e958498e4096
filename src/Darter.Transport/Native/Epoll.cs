using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static Darter.Transport.Native.Libc;
using static Darter.Transport.Native.LibcConstants;

namespace Darter.Transport.Native;

/// <summary>
/// One epoll instance and the buffer its events are fetched into. <see cref="Wait"/> and <see cref="GetEvent"/> belong
/// to one thread; <see cref="Add"/> and <see cref="Remove"/> may be called by any.
/// </summary>
internal sealed unsafe class Epoll : IDisposable
{
    private const int MaxEvents = 256;
    private static readonly int s_eventSize = PackedEpollEvent ? 12 : 16;
    private static readonly int s_dataOffset = PackedEpollEvent ? 4 : 8;

    private readonly int _fd;
    private byte* _events;
    private bool _nanosecondWaits = true;

    internal Epoll()
    {
        _fd = epoll_create1(EPOLL_CLOEXEC);
        if (_fd < 0)
        {
            throw new Win32Exception(Errno);
        }

        _events = (byte*)NativeMemory.Alloc((nuint)(MaxEvents * s_eventSize));
    }

    /// <summary>Starts watching a descriptor; <paramref name="key"/> comes back with its events.</summary>
    /// <exception cref="Win32Exception">The kernel refused (bad descriptor, out of memory or watches).</exception>
    internal void Add(int fd, uint events, ulong key) => Control(EPOLL_CTL_ADD, fd, events, key);

    /// <summary>Changes the events that a watched descriptor is watched for; those that are there already come again.</summary>
    /// <exception cref="Win32Exception">The kernel refused.</exception>
    internal void Modify(int fd, uint events, ulong key) => Control(EPOLL_CTL_MOD, fd, events, key);

    /// <summary>Stops watching a descriptor; one that is not watched, or closed already, is no error.</summary>
    internal void Remove(int fd)
    {
        byte* ignored = stackalloc byte[16];
        _ = epoll_ctl(_fd, EPOLL_CTL_DEL, fd, ignored);
    }

    /// <summary>Waits for events.</summary>
    /// <param name="nanoseconds">How long at most; 0 does not wait, a negative value waits without limit.</param>
    /// <returns>The number of events fetched, 0 when the time ran out or a signal came.</returns>
    internal int Wait(long nanoseconds)
    {
        if (nanoseconds > 0 && _nanosecondWaits)
        {
            timespec timeout = new() { tv_sec = nanoseconds / 1_000_000_000, tv_nsec = nanoseconds % 1_000_000_000 };
            int count = (int)syscall_epoll_pwait2(SYS_epoll_pwait2, _fd, _events, MaxEvents, &timeout, null, 8);
            if (count >= 0)
            {
                return count;
            }

            int errno = Errno;
            if (errno == EINTR)
            {
                return 0;
            }

            // Kernels before 5.11 lack the call, and some sandboxes forbid what they do not know.
            _nanosecondWaits = false;
        }

        int milliseconds = nanoseconds switch
        {
            < 0 => -1,
            0 => 0,
            _ => (int)Math.Min((nanoseconds + 999_999) / 1_000_000, int.MaxValue),
        };
        int fetched = epoll_wait(_fd, _events, MaxEvents, milliseconds);
        if (fetched < 0)
        {
            int errno = Errno;
            return errno == EINTR ? 0 : throw new Win32Exception(errno);
        }

        return fetched;
    }

    /// <summary>One of the events the last <see cref="Wait"/> fetched.</summary>
    internal uint GetEvent(int index, out ulong key)
    {
        byte* @event = _events + (index * s_eventSize);
        key = Unsafe.ReadUnaligned<ulong>(@event + s_dataOffset);
        return Unsafe.ReadUnaligned<uint>(@event);
    }

    private void Control(int operation, int fd, uint events, ulong key)
    {
        byte* @event = stackalloc byte[16];
        Unsafe.WriteUnaligned(@event, events);
        Unsafe.WriteUnaligned(@event + s_dataOffset, key);
        if (epoll_ctl(_fd, operation, fd, @event) < 0)
        {
            throw new Win32Exception(Errno);
        }
    }

    public void Dispose()
    {
        if (_events is null)
        {
            return;
        }

        NativeMemory.Free(_events);
        _events = null;
        _ = close(_fd);
    }
}
