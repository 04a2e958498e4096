using System.Runtime.InteropServices;

namespace Darter.Transport.Native;

/// <summary>An operation that is asked for, cut to what is used.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct io_uring_sqe
{
    [FieldOffset(0)]
    internal byte opcode;

    [FieldOffset(4)]
    internal int fd;

    [FieldOffset(16)]
    internal ulong addr;

    [FieldOffset(24)]
    internal uint len;

    [FieldOffset(28)]
    internal uint msg_flags;

    [FieldOffset(32)]
    internal ulong user_data;
}

/// <summary>An operation that was done.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct io_uring_cqe
{
    internal ulong user_data;
    internal int res;
    internal uint flags;
}

/// <summary>Where the parts of the ring of operations lie in its mapping.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct io_sqring_offsets
{
    internal uint head;
    internal uint tail;
    internal uint ring_mask;
    internal uint ring_entries;
    internal uint flags;
    internal uint dropped;
    internal uint array;
    internal uint resv1;
    internal ulong user_addr;
}

/// <summary>Where the parts of the ring of results lie in its mapping.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct io_cqring_offsets
{
    internal uint head;
    internal uint tail;
    internal uint ring_mask;
    internal uint ring_entries;
    internal uint overflow;
    internal uint cqes;
    internal uint flags;
    internal uint resv1;
    internal ulong user_addr;
}

/// <summary>How a ring is to be, and what it is.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct io_uring_params
{
    internal uint sq_entries;
    internal uint cq_entries;
    internal uint flags;
    internal uint sq_thread_cpu;
    internal uint sq_thread_idle;
    internal uint features;
    internal uint wq_fd;
    internal fixed uint resv[3];
    internal io_sqring_offsets sq_off;
    internal io_cqring_offsets cq_off;
}
