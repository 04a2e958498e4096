using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Darter.Workers.Native;

/// <summary>
/// Starts a process as another user. For the kernel a user is a thread's, and what a thread starts has it from its first instruction:
/// the interpreter, which executes files of the application's own (<c>.pth</c> files, <c>sitecustomize</c>), never runs with the rights
/// of the front. The C library's functions change all threads and are of no use here, hence the system calls.
/// </summary>
/// <remarks>
/// The saved user stays, so that the thread can return. It is no way back for what is started: execve(2) sets it to the effective one
/// and takes all capabilities away. Meanwhile the thread must start no threads, which would have its user for good.
/// </remarks>
internal static unsafe class ThreadUser
{
    private const nint Unchanged = -1;

    private static readonly (nint SetGroups, nint SetGroup, nint SetUser) s_calls = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => (116, 119, 117),
        Architecture.Arm64 => (159, 149, 147),
        _ => (0, 0, 0),
    };

    /// <summary>Calls <paramref name="start"/> while this thread is another user.</summary>
    /// <exception cref="Win32Exception">The kernel does not allow it.</exception>
    internal static T Run<T>(WorkerUser user, Func<T> start)
    {
        if (s_calls.SetUser == 0)
        {
            throw new Win32Exception(Libc.ENOSYS, $"cannot become user {user} on this processor");
        }

        (nint User, nint Group) own = ((nint)Libc.geteuid(), (nint)Libc.getegid());
        uint[] ownGroups = Groups();

        // What was given to this process for good measure is not for its children; ambient capabilities would survive execve.
        _ = Libc.prctl(Libc.PR_CAP_AMBIENT, Libc.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
        try
        {
            // The order that works: with the user go the rights for the rest.
            Check(SetGroups([.. user.Groups]), user);
            Check(Libc.syscall(s_calls.SetGroup, (nint)user.Group, (nint)user.Group, Unchanged, 0), user);
            Check(Libc.syscall(s_calls.SetUser, (nint)user.User, (nint)user.User, Unchanged, 0), user);
            return start();
        }
        finally
        {
            if (Libc.syscall(s_calls.SetUser, own.User, own.User, own.User, 0) < 0
                || Libc.syscall(s_calls.SetGroup, own.Group, own.Group, own.Group, 0) < 0
                || (own.User == 0 && SetGroups(ownGroups) < 0))
            {
                Environment.FailFast("A thread that started a worker cannot return to the front's user.");
            }
        }
    }

    private static uint[] Groups()
    {
        int count = Libc.getgroups(0, null);
        uint[] groups = new uint[Math.Max(count, 0)];
        fixed (uint* list = groups)
        {
            _ = Libc.getgroups(groups.Length, list);
        }

        return groups;
    }

    private static nint SetGroups(uint[] groups)
    {
        fixed (uint* list = groups)
        {
            return Libc.syscall(s_calls.SetGroups, groups.Length, (nint)list, 0, 0);
        }
    }

    private static void Check(nint result, WorkerUser user)
    {
        if (result < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            throw new Win32Exception(error, $"cannot become user {user}, group {user.Group}: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }
}
