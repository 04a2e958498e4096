using System.ComponentModel;
using System.Diagnostics;
using Darter.Workers.Native;
using Microsoft.Win32.SafeHandles;

namespace Darter.Workers;

/// <summary>Starts the interpreter with Darter's bootstrap, <c>darter/worker.py</c>, in one of its roles.</summary>
internal static class PythonStart
{
    /// <summary>Starts a process that works for the pool.</summary>
    /// <param name="config">Interpreter, folder and environment.</param>
    /// <param name="role">What it is to be: its settings are in the environment variable of this name.</param>
    /// <param name="settings">They, as JSON.</param>
    /// <param name="title">What <c>ps</c> shows, if processes are to have a name.</param>
    /// <param name="inherited">Descriptors that it gets under their own numbers, and that are closed here.</param>
    /// <param name="hasPipes">Whether its standard input and output are pipes to this process.</param>
    /// <exception cref="Win32Exception">The interpreter cannot be started.</exception>
    internal static Process Run(
        WorkerPoolConfig config, string role, string settings, string title, IReadOnlyList<SafeFileHandle> inherited, bool hasPipes = false)
    {
        ProcessStartInfo info = new(config.Python)
        {
            UseShellExecute = false,
            WorkingDirectory = config.WorkingDirectory,
            RedirectStandardInput = hasPipes,
            RedirectStandardOutput = hasPipes,
        };
        info.ArgumentList.Add(config.Bootstrap);
        WorkerUser? user = config.User is { IsCurrent: false } other ? other : null;
        if (user is not null)
        {
            // As login(1) and systemd do; the front's own would lead to folders that this user has no right to.
            info.Environment["HOME"] = user.Home ?? "/";
            info.Environment["USER"] = info.Environment["LOGNAME"] = user.Name ?? "";
        }

        foreach ((string name, string value) in config.Environment)
        {
            info.Environment[name] = value;
        }

        if (config.ProcessName is { } process)
        {
            // What ps shows; the process removes what comes before it.
            info.ArgumentList.Add($"darter: {title} [{process}]");
        }

        info.Environment[role] = settings;
        lock (SpawnedProcess.Gate)
        {
            // Only this process may inherit them: one is started at a time, and the flag is set for the moment.
            foreach (SafeFileHandle handle in inherited)
            {
                SocketPair.MakeInheritable(handle);
            }

            Process started = user is null ? Process.Start(info)! : ThreadUser.Run(user, () => Process.Start(info)!);
            foreach (SafeFileHandle handle in inherited)
            {
                handle.Dispose();
            }

            return started;
        }
    }
}
