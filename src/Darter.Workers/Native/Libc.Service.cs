using System.Runtime.InteropServices;

namespace Darter.Workers.Native;

/// <summary>The calls of a process that runs as a service: users, starting itself again, its title.</summary>
internal static unsafe partial class Libc
{
    internal const int O_RDWR = 2;
    internal const int O_CREAT = 0x40;
    internal const int F_OFD_SETLK = 37;
    internal const short F_WRLCK = 1;
    internal const int AT_FDCWD = -100;
    internal const int AT_EMPTY_PATH = 0x1000;
    internal const uint STATX_INO = 0x100;
    internal const int ERANGE = 34;
    internal const int SIGPIPE = 13;
    internal const int ENOSYS = 38;
    internal const int PR_SET_PDEATHSIG = 1;
    internal const int PR_CAP_AMBIENT = 47;
    internal const nuint PR_CAP_AMBIENT_CLEAR_ALL = 4;
    internal const short POSIX_SPAWN_SETSIGDEF = 0x04;
    internal const short POSIX_SPAWN_SETSIGMASK = 0x08;
    internal const short POSIX_SPAWN_SETSID = 0x80;

    /// <summary>Enough for <c>posix_spawnattr_t</c>, 336 bytes in glibc and musl.</summary>
    internal const int SpawnAttributesSize = 512;

    /// <summary>Enough for <c>posix_spawn_file_actions_t</c>, 80 bytes in glibc and musl.</summary>
    internal const int SpawnFileActionsSize = 256;

    /// <summary><c>sizeof(sigset_t)</c>.</summary>
    internal const int SignalSetSize = 128;

    [LibraryImport("libc")]
    internal static partial uint geteuid();

    [LibraryImport("libc")]
    internal static partial uint getegid();

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int setuid(uint uid);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int setgid(uint gid);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int setgroups(nuint size, uint* list);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int getgroups(int size, uint* list);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int getgrouplist(string user, uint group, uint* groups, int* ngroups);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int initgroups(string user, uint group);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int getpwnam_r(string name, passwd* pwd, byte* buf, nuint buflen, passwd** result);

    [LibraryImport("libc")]
    internal static partial int getpwuid_r(uint uid, passwd* pwd, byte* buf, nuint buflen, passwd** result);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int getgrnam_r(string name, group* grp, byte* buf, nuint buflen, group** result);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int open(string pathname, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int fcntl_lock(int fd, int cmd, flock* arg);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int fchown(int fd, uint owner, uint group);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int prctl(int option, nuint arg2, nuint arg3, nuint arg4, nuint arg5);

    [LibraryImport("libc")]
    internal static partial int getppid();

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int statx(int dirfd, string pathname, int flags, uint mask, byte* statxbuf);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int waitpid(int pid, int* wstatus, int options);

    [LibraryImport("libc")]
    internal static partial int posix_spawn(int* pid, byte* path, void* file_actions, void* attrp, byte** argv, byte** envp);

    [LibraryImport("libc")]
    internal static partial int posix_spawnattr_init(void* attr);

    [LibraryImport("libc")]
    internal static partial int posix_spawnattr_destroy(void* attr);

    [LibraryImport("libc")]
    internal static partial int posix_spawnattr_setflags(void* attr, short flags);

    [LibraryImport("libc")]
    internal static partial int posix_spawnattr_setsigdefault(void* attr, void* sigdefault);

    [LibraryImport("libc")]
    internal static partial int posix_spawnattr_setsigmask(void* attr, void* sigmask);

    [LibraryImport("libc")]
    internal static partial int posix_spawn_file_actions_init(void* file_actions);

    [LibraryImport("libc")]
    internal static partial int posix_spawn_file_actions_destroy(void* file_actions);

    [LibraryImport("libc")]
    internal static partial int posix_spawn_file_actions_adddup2(void* file_actions, int fildes, int newfildes);

    [LibraryImport("libc")]
    internal static partial int posix_spawn_file_actions_addopen(void* file_actions, int fildes, byte* path, int oflag, uint mode);

    /// <summary>A lock on a region of a file; all zero but for the type: the whole file (64-bit Linux).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct flock
    {
        internal short l_type;
        internal short l_whence;
        internal long l_start;
        internal long l_len;
        internal int l_pid;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct passwd
    {
        internal byte* pw_name;
        internal byte* pw_passwd;
        internal uint pw_uid;
        internal uint pw_gid;
        internal byte* pw_gecos;
        internal byte* pw_dir;
        internal byte* pw_shell;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct group
    {
        internal byte* gr_name;
        internal byte* gr_passwd;
        internal uint gr_gid;
        internal byte** gr_mem;
    }
}
