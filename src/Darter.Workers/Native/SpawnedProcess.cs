using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace Darter.Workers.Native;

/// <summary>Starts a program with chosen descriptors, which <see cref="System.Diagnostics.Process"/> cannot.</summary>
internal static unsafe class SpawnedProcess
{
    /// <summary>To be held while descriptors are inheritable, and while anything is started: each child gets its own alone.</summary>
    internal static readonly Lock Gate = new();

    /// <summary>Starts a program. It inherits the descriptors in <paramref name="inherited"/> under their own numbers.</summary>
    /// <param name="path">The executable.</param>
    /// <param name="arguments">Its argument vector, its own name included.</param>
    /// <param name="environment">Its whole environment.</param>
    /// <param name="inherited">What it gets beside descriptors that are inheritable anyway.</param>
    /// <param name="detached">In a session of its own, with /dev/null for standard input and outputs.</param>
    /// <returns>Its process id.</returns>
    /// <exception cref="Win32Exception">It cannot be started.</exception>
    internal static int Start(
        string path, IEnumerable<string> arguments, IEnumerable<string> environment, IReadOnlyList<int> inherited, bool detached)
    {
        byte* attributes = stackalloc byte[Libc.SpawnAttributesSize];
        byte* actions = stackalloc byte[Libc.SpawnFileActionsSize];
        byte* signals = stackalloc byte[Libc.SignalSetSize];
        byte* ignored = stackalloc byte[Libc.SignalSetSize];
        new Span<byte>(signals, Libc.SignalSetSize).Clear();
        new Span<byte>(ignored, Libc.SignalSetSize).Clear();

        // The runtime ignores SIGPIPE; what is started gets a clean slate.
        ignored[(Libc.SIGPIPE - 1) / 8] |= 1 << ((Libc.SIGPIPE - 1) % 8);

        List<int> copies = [];
        byte** argv = Vector(arguments);
        byte** envp = Vector(environment);
        byte* executable = Text(path);
        byte* nowhere = Text("/dev/null");
        Check(Libc.posix_spawnattr_init(attributes));
        Check(Libc.posix_spawn_file_actions_init(actions));
        try
        {
            short flags = (short)(Libc.POSIX_SPAWN_SETSIGDEF | Libc.POSIX_SPAWN_SETSIGMASK | (detached ? Libc.POSIX_SPAWN_SETSID : 0));
            Check(Libc.posix_spawnattr_setflags(attributes, flags));
            Check(Libc.posix_spawnattr_setsigdefault(attributes, ignored));
            Check(Libc.posix_spawnattr_setsigmask(attributes, signals));
            for (int fd = 0; detached && fd <= 2; fd++)
            {
                Check(Libc.posix_spawn_file_actions_addopen(actions, fd, nowhere, Libc.O_RDWR, 0));
            }

            foreach (int fd in inherited)
            {
                // Descriptors close on exec, and stay so in this process, lest a worker started meanwhile gets them. A
                // duplicate made in the child does not; glibc before 2.29 makes none of a descriptor onto itself, hence
                // the detour by a copy.
                int copy = Libc.fcntl(fd, Libc.F_DUPFD_CLOEXEC, 3);
                if (copy < 0)
                {
                    throw new Win32Exception(Marshal.GetLastPInvokeError(), "cannot pass a descriptor on");
                }

                copies.Add(copy);
                Check(Libc.posix_spawn_file_actions_adddup2(actions, copy, fd));
            }

            int pid;
            lock (Gate)
            {
                Check(Libc.posix_spawn(&pid, executable, actions, attributes, argv, envp));
            }

            return pid;
        }
        finally
        {
            copies.ForEach(copy => Libc.close(copy));
            _ = Libc.posix_spawn_file_actions_destroy(actions);
            _ = Libc.posix_spawnattr_destroy(attributes);
            Free(argv);
            Free(envp);
            NativeMemory.Free(executable);
            NativeMemory.Free(nowhere);
        }
    }

    /// <summary>Waits for a child's end and returns its wait status; -1 when somebody else has taken it.</summary>
    internal static int Wait(int pid)
    {
        int status;
        while (Libc.waitpid(pid, &status, 0) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Libc.EINTR)
            {
                return -1;
            }
        }

        return status;
    }

    private static void Check(int error)
    {
        if (error != 0)
        {
            throw new Win32Exception(error);
        }
    }

    private static byte* Text(string text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        byte* bytes = (byte*)NativeMemory.Alloc((nuint)length + 1);
        Encoding.UTF8.GetBytes(text, new Span<byte>(bytes, length));
        bytes[length] = 0;
        return bytes;
    }

    private static byte** Vector(IEnumerable<string> texts)
    {
        string[] all = [.. texts];
        byte** vector = (byte**)NativeMemory.Alloc((nuint)(all.Length + 1) * (nuint)sizeof(byte*));
        for (int i = 0; i < all.Length; i++)
        {
            vector[i] = Text(all[i]);
        }

        vector[all.Length] = null;
        return vector;
    }

    private static void Free(byte** vector)
    {
        for (byte** text = vector; *text is not null; text++)
        {
            NativeMemory.Free(*text);
        }

        NativeMemory.Free(vector);
    }
}
