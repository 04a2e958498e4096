using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static Darter.Transport.Native.Libc;
using static Darter.Transport.Native.LibcConstants;

namespace Darter.Transport.Native;

/// <summary>
/// Sends and receives of several sockets in one call of the system, io_uring(7). None of them waits: each has been done, or
/// has found that it would have to wait, when <see cref="Submit"/> returns, so that the kernel uses no memory of ours
/// afterwards. One thread, the one that made it.
/// </summary>
internal sealed unsafe class IoUring : IDisposable
{
    /// <summary>Operations of one call.</summary>
    internal const int MostOperations = 64;

    /// <summary>Buffers of one operation.</summary>
    internal const int MostBuffers = 16;

    /// <summary>The result of an operation that was not done.</summary>
    internal const int NotDone = int.MinValue;

    // Linux 6.1 has them all: what is sent off on this thread also ends on it, and a bad operation does not keep back the others.
    private const uint Setup = IORING_SETUP_SUBMIT_ALL | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;

    private readonly int _fd;
    private readonly byte* _rings;
    private readonly nuint _ringsSize;
    private readonly io_uring_sqe* _submissions;
    private readonly nuint _submissionsSize;
    private readonly uint* _submissionHead;
    private readonly uint* _submissionTail;
    private readonly uint _submissionMask;
    private readonly uint* _completionHead;
    private readonly uint* _completionTail;
    private readonly uint _completionMask;
    private readonly io_uring_cqe* _completions;
    private readonly msghdr* _messages;
    private readonly iovec* _buffers;
    private readonly int[] _results = new int[MostOperations];
    private uint _tail;
    private int _operations;

    private IoUring(int fd, in io_uring_params parameters, byte* rings, nuint ringsSize, io_uring_sqe* submissions)
    {
        _fd = fd;
        _rings = rings;
        _ringsSize = ringsSize;
        _submissions = submissions;
        _submissionsSize = parameters.sq_entries * (nuint)sizeof(io_uring_sqe);
        _submissionHead = (uint*)(rings + parameters.sq_off.head);
        _submissionTail = (uint*)(rings + parameters.sq_off.tail);
        _submissionMask = *(uint*)(rings + parameters.sq_off.ring_mask);
        _completionHead = (uint*)(rings + parameters.cq_off.head);
        _completionTail = (uint*)(rings + parameters.cq_off.tail);
        _completionMask = *(uint*)(rings + parameters.cq_off.ring_mask);
        _completions = (io_uring_cqe*)(rings + parameters.cq_off.cqes);
        _tail = *_submissionTail;

        // The ring names an operation by its place; here each is at its own.
        uint* places = (uint*)(rings + parameters.sq_off.array);
        for (uint i = 0; i < parameters.sq_entries; i++)
        {
            places[i] = i;
        }

        _messages = (msghdr*)NativeMemory.AllocZeroed(MostOperations, (nuint)sizeof(msghdr));
        _buffers = (iovec*)NativeMemory.Alloc(MostOperations * MostBuffers, (nuint)sizeof(iovec));
    }

    /// <summary>How many operations the next <see cref="Submit"/> does.</summary>
    internal int Operations => _operations;

    /// <summary>Null where the kernel has it not or forbids it, as many containers do.</summary>
    internal static IoUring? TryCreate()
    {
        io_uring_params parameters = new() { flags = Setup };
        int fd = (int)syscall_io_uring_setup(SYS_io_uring_setup, MostOperations, &parameters);
        if (fd < 0)
        {
            return null;
        }

        // One mapping holds both rings since Linux 5.4.
        nuint ringsSize = Math.Max(
            parameters.sq_off.array + (parameters.sq_entries * sizeof(uint)),
            parameters.cq_off.cqes + (parameters.cq_entries * (nuint)sizeof(io_uring_cqe)));
        void* rings = mmap(null, ringsSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, IORING_OFF_SQ_RING);
        nuint submissionsSize = parameters.sq_entries * (nuint)sizeof(io_uring_sqe);
        void* submissions = rings == MAP_FAILED
            ? MAP_FAILED
            : mmap(null, submissionsSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, IORING_OFF_SQES);
        if (submissions != MAP_FAILED)
        {
            return new IoUring(fd, parameters, (byte*)rings, ringsSize, (io_uring_sqe*)submissions);
        }

        if (rings != MAP_FAILED)
        {
            _ = munmap(rings, ringsSize);
        }

        _ = close(fd);
        return null;
    }

    /// <summary>Adds a send of one buffer.</summary>
    /// <returns>The operation's number.</returns>
    internal int AddSend(int fd, byte* buffer, int length) =>
        Add(IORING_OP_SEND, fd, buffer, (uint)length, MSG_NOSIGNAL | MSG_DONTWAIT);

    /// <summary>Adds a receive into one buffer.</summary>
    /// <inheritdoc cref="AddSend(int, byte*, int)" path="/returns"/>
    internal int AddReceive(int fd, byte* buffer, int length) =>
        Add(IORING_OP_RECV, fd, buffer, (uint)length, MSG_DONTWAIT);

    /// <summary>Where the buffers of the next operation are to be put, <see cref="MostBuffers"/> at most, for it to have several.</summary>
    internal iovec* NextBuffers() => _buffers + (_operations * MostBuffers);

    /// <summary>Adds a send of the buffers put into <see cref="NextBuffers"/>.</summary>
    /// <inheritdoc cref="AddSend(int, byte*, int)" path="/returns"/>
    internal int AddSend(int fd, int buffers) => Add(IORING_OP_SENDMSG, fd, MessageOf(buffers), 1, MSG_NOSIGNAL | MSG_DONTWAIT);

    /// <summary>Adds a receive into the buffers put into <see cref="NextBuffers"/>.</summary>
    /// <inheritdoc cref="AddSend(int, byte*, int)" path="/returns"/>
    internal int AddReceive(int fd, int buffers) => Add(IORING_OP_RECVMSG, fd, MessageOf(buffers), 1, MSG_DONTWAIT);

    /// <summary>Does what was added.</summary>
    internal void Submit()
    {
        int operations = _operations;
        _operations = 0;
        Array.Fill(_results, NotDone, 0, operations);
        Volatile.Write(ref *_submissionTail, _tail);

        // Those that are done at once are done before the call returns; to ask for them has it run what it has put off until then.
        nint submitted = syscall_io_uring_enter(SYS_io_uring_enter, _fd, (nuint)operations, (nuint)operations, IORING_ENTER_GETEVENTS, null, 0);
        if (submitted != operations)
        {
            // What the kernel did not take must not be done later: its buffers are used otherwise then.
            _tail = Volatile.Read(ref *_submissionHead);
            Volatile.Write(ref *_submissionTail, _tail);
        }

        uint head = *_completionHead;
        uint tail = Volatile.Read(ref *_completionTail);
        for (; head != tail; head++)
        {
            ref io_uring_cqe completion = ref _completions[head & _completionMask];
            _results[(int)completion.user_data] = completion.res;
        }

        Volatile.Write(ref *_completionHead, head);
    }

    /// <summary>What became of an operation of the last <see cref="Submit"/>.</summary>
    /// <returns>The number of bytes, 0 at the end of a stream, a negated error, or <see cref="NotDone"/>.</returns>
    internal int ResultOf(int operation) => _results[operation];

    public void Dispose()
    {
        _ = munmap(_submissions, _submissionsSize);
        _ = munmap(_rings, _ringsSize);
        _ = close(_fd);
        NativeMemory.Free(_messages);
        NativeMemory.Free(_buffers);
    }

    private msghdr* MessageOf(int buffers)
    {
        msghdr* message = _messages + _operations;
        message->msg_iov = NextBuffers();
        message->msg_iovlen = (nuint)buffers;
        return message;
    }

    private int Add(byte operation, int fd, void* address, uint length, uint flags)
    {
        io_uring_sqe* submission = _submissions + (_tail & _submissionMask);
        Unsafe.InitBlock(submission, 0, (uint)sizeof(io_uring_sqe));
        submission->opcode = operation;
        submission->fd = fd;
        submission->addr = (ulong)address;
        submission->len = length;
        submission->msg_flags = flags;
        submission->user_data = (ulong)_operations;
        _tail++;
        return _operations++;
    }
}
