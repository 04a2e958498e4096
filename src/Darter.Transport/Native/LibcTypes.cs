using System.Runtime.InteropServices;

namespace Darter.Transport.Native;

/// <summary>A duration in seconds and nanoseconds (64-bit Linux).</summary>
internal struct timespec
{
    internal long tv_sec;
    internal long tv_nsec;
}

/// <summary>One buffer of a scattered receive or a gathered send.</summary>
internal unsafe struct iovec
{
    internal void* iov_base;
    internal nuint iov_len;
}

/// <summary>What <c>poll</c> waits for.</summary>
internal struct pollfd
{
    internal int fd;
    internal short events;
    internal short revents;
}

/// <summary>The message header of <c>recvmsg</c> and <c>sendmsg</c> (64-bit Linux, both C libraries: the padding after
/// the 32-bit lengths is the same).</summary>
internal unsafe struct msghdr
{
    internal void* msg_name;
    internal uint msg_namelen;
    internal iovec* msg_iov;
    internal nuint msg_iovlen;
    internal void* msg_control;
    internal nuint msg_controllen;
    internal int msg_flags;
}

/// <summary>What <c>statx</c> tells of a file, cut to what is used; the layout is the same on every architecture.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct statx_t
{
    [FieldOffset(20)]
    internal uint stx_uid;

    [FieldOffset(28)]
    internal ushort stx_mode;

    [FieldOffset(32)]
    internal ulong stx_ino;

    [FieldOffset(40)]
    internal ulong stx_size;

    [FieldOffset(112)]
    internal long stx_mtime_sec;

    [FieldOffset(120)]
    internal uint stx_mtime_nsec;

    [FieldOffset(136)]
    internal uint stx_dev_major;

    [FieldOffset(140)]
    internal uint stx_dev_minor;
}

/// <summary>What SO_PEERCRED gives; see unix(7).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ucred
{
    internal int pid;
    internal uint uid;
    internal uint gid;
}

/// <summary>How <c>openat2</c> opens and resolves.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct open_how
{
    internal ulong flags;
    internal ulong mode;
    internal ulong resolve;
}
