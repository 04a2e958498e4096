using System.Runtime.InteropServices;
using Darter.Gateway.Tests.Native;
using Darter.Wire;

namespace Darter.Gateway.Tests.Front;

/// <summary>The front's end of a channel: socket and claim page. Waits at most as long as a broken worker may keep a test.</summary>
internal sealed unsafe class FrontSocket : IDisposable
{
    private const int Patience = 20_000;

    private readonly byte[] _buffer = GC.AllocateArray<byte>(4 << 20, pinned: true);
    private readonly Queue<int> _descriptors = new();
    private readonly uint* _page;
    private readonly int _socket;
    private int _start;
    private int _end;
    private bool _closed;

    public FrontSocket()
    {
        int* pair = stackalloc int[2];
        Check(LibC.socketpair(LibC.AF_UNIX, LibC.SOCK_STREAM | LibC.SOCK_CLOEXEC, 0, pair));
        _socket = pair[0];
        WorkerSocket = pair[1];
        fixed (byte* name = "page"u8)
        {
            PageDescriptor = Check(LibC.memfd_create(name, LibC.MFD_CLOEXEC));
        }

        Check(LibC.ftruncate(PageDescriptor, Claim.PageSize));
        _page = (uint*)LibC.mmap(null, Claim.PageSize, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_SHARED, PageDescriptor, 0);
    }

    /// <summary>The worker's end.</summary>
    public int WorkerSocket { get; }

    /// <summary>The claim page.</summary>
    public int PageDescriptor { get; }

    /// <summary>The bytes received and not read.</summary>
    public ReadOnlySpan<byte> Waiting => _buffer.AsSpan(_start, _end - _start);

    /// <summary>A word of the claim page.</summary>
    public ref uint Word(int slot) => ref _page[slot];

    /// <summary>Lets a process that is started now inherit the worker's end, or not.</summary>
    public void SetInheritable(bool inheritable)
    {
        Check(LibC.fcntl(WorkerSocket, LibC.F_SETFD, inheritable ? 0 : LibC.FD_CLOEXEC));
        Check(LibC.fcntl(PageDescriptor, LibC.F_SETFD, inheritable ? 0 : LibC.FD_CLOEXEC));
    }

    /// <summary>The worker has its end.</summary>
    public void CloseWorkerEnd()
    {
        Check(LibC.close(WorkerSocket));
        Check(LibC.close(PageDescriptor));
    }

    /// <summary>Sends; false if the worker has closed its end.</summary>
    public bool Send(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            nint sent;
            fixed (byte* pointer = bytes)
            {
                sent = LibC.send(_socket, pointer, (nuint)bytes.Length, LibC.MSG_NOSIGNAL);
            }

            if (sent <= 0)
            {
                return false;
            }

            bytes = bytes[(int)sent..];
        }

        return true;
    }

    /// <summary>Drops bytes that were read.</summary>
    public void Consume(int count) => _start += count;

    /// <summary>The oldest descriptor that came.</summary>
    public int TakeDescriptor() => _descriptors.Dequeue();

    /// <summary>Has the worker see the end of file; it can still be read from.</summary>
    public void ShutdownSending() => _ = LibC.shutdown(_socket, LibC.SHUT_WR);

    /// <summary>Receives; false at the end of file.</summary>
    public bool Receive()
    {
        if (_start > 0)
        {
            Waiting.CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        LibC.pollfd descriptor = new() { fd = _socket, events = LibC.POLLIN };
        if (LibC.poll(&descriptor, 1, Patience) == 0)
        {
            throw new TimeoutException("The worker sends nothing.");
        }

        byte* control = stackalloc byte[256];
        nint received;
        fixed (byte* place = &_buffer[_end])
        {
            LibC.iovec vector = new() { iov_base = place, iov_len = (nuint)(_buffer.Length - _end) };
            LibC.msghdr message = new() { msg_iov = &vector, msg_iovlen = 1, msg_control = control, msg_controllen = 256 };
            received = LibC.recvmsg(_socket, &message, LibC.MSG_CMSG_CLOEXEC);
            if (received > 0 && message.msg_controllen >= (nuint)sizeof(LibC.cmsghdr))
            {
                LibC.cmsghdr* header = (LibC.cmsghdr*)control;
                for (nuint at = (nuint)sizeof(LibC.cmsghdr); at + sizeof(int) <= header->cmsg_len; at += sizeof(int))
                {
                    _descriptors.Enqueue(*(int*)(control + at));
                }
            }
        }

        _end += (int)Math.Max(0, received);
        return received > 0;
    }

    public void Dispose()
    {
        if (!_closed)
        {
            _closed = true;
            _ = LibC.close(_socket);
            _ = LibC.munmap(_page, Claim.PageSize);
        }
    }

    private static int Check(int result) => result >= 0 ? result : throw new InvalidOperationException($"error {Marshal.GetLastSystemError()}");
}
