using System.ComponentModel;
using System.Runtime.InteropServices;
using Darter.Workers.Native;

namespace Darter.Workers.Service;

/// <summary>Who this process runs as.</summary>
public static unsafe class Privileges
{
    /// <summary>The effective user's number.</summary>
    public static uint User => Libc.geteuid();

    /// <summary>Whether this process may become any user.</summary>
    public static bool IsRoot => User == 0;

    /// <summary>The effective group's number.</summary>
    public static uint Group => Libc.getegid();

    /// <summary>
    /// Makes the whole process, all its threads, run as another user and group for good. The supplementary groups become
    /// those of the user, with <paramref name="initGroups"/>, else none: those of root would be kept otherwise. The order is
    /// the only one that works: with the user goes the right to change the groups.
    /// </summary>
    /// <remarks>
    /// The kernel makes a process that has changed its user unreadable to others of that user (prctl(2), PR_SET_DUMPABLE).
    /// It stays so: what root's process had in its memory is none of the application's business.
    /// </remarks>
    /// <exception cref="Win32Exception">The kernel does not allow it.</exception>
    public static void Drop(Account? user, uint group, bool initGroups)
    {
        uint number = user?.User ?? User;
        if (number == User && group == Group && User != 0)
        {
            // The new front of an upgrade is there already.
            return;
        }

        int groups;
        if (initGroups && user?.UserName is { } name)
        {
            groups = Libc.initgroups(name, group);
        }
        else
        {
            groups = Libc.setgroups(1, &group);
        }

        Check(groups, "cannot set the groups");
        Check(Libc.setgid(group), $"cannot become group {group}");
        if (number != User)
        {
            Check(Libc.setuid(number), $"cannot become user {user?.UserName ?? $"{number}"}");
        }
    }

    /// <summary>Has the kernel send SIGTERM to this process when the one that started it ends; at once if it has ended.</summary>
    /// <param name="parent">The process that started this one.</param>
    public static void FollowParent(int parent)
    {
        _ = Libc.prctl(Libc.PR_SET_PDEATHSIG, Libc.SIGTERM, 0, 0, 0);
        if (Libc.getppid() != parent)
        {
            _ = Libc.kill(Environment.ProcessId, Libc.SIGTERM);
        }
    }

    private static void Check(int result, string what)
    {
        if (result < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            throw new Win32Exception(error, $"{what}: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }
}
