namespace Darter.Transport.Native;

/// <summary>The numbers of io_uring and of its mappings, the same on every architecture.</summary>
internal static unsafe partial class LibcConstants
{
    internal const int SYS_io_uring_setup = 425;
    internal const int SYS_io_uring_enter = 426;

    internal const uint IORING_SETUP_SUBMIT_ALL = 1u << 7;
    internal const uint IORING_SETUP_SINGLE_ISSUER = 1u << 12;
    internal const uint IORING_SETUP_DEFER_TASKRUN = 1u << 13;
    internal const nuint IORING_ENTER_GETEVENTS = 1;
    internal const nint IORING_OFF_SQ_RING = 0;
    internal const nint IORING_OFF_SQES = 0x10000000;

    internal const byte IORING_OP_SENDMSG = 9;
    internal const byte IORING_OP_RECVMSG = 10;
    internal const byte IORING_OP_SEND = 26;
    internal const byte IORING_OP_RECV = 27;

    internal const int PROT_READ = 1;
    internal const int PROT_WRITE = 2;
    internal const int MAP_SHARED = 1;
    internal const int MAP_POPULATE = 0x8000;

    internal static readonly void* MAP_FAILED = (void*)-1;
}
