using System.Diagnostics;
using Darter.Workers.Native;

namespace Darter.Workers.Service;

/// <summary>
/// Starts processes that are to inherit nothing: not while a worker is being started, whose descriptors are inheritable for
/// that moment.
/// </summary>
public static class ExclusiveStart
{
    /// <summary>Starts a process, as <see cref="Process.Start()"/>.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">It cannot be started.</exception>
    public static void Start(Process process)
    {
        ArgumentNullException.ThrowIfNull(process);
        lock (SpawnedProcess.Gate)
        {
            process.Start();
        }
    }
}
