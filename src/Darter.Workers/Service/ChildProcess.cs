using System.ComponentModel;
using Darter.Workers.Native;

namespace Darter.Workers.Service;

/// <summary>A program started with descriptors of this process: another front.</summary>
public sealed class ChildProcess
{
    private ChildProcess(int processId)
    {
        ProcessId = processId;
        TaskCompletionSource<ExitStatus> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Ended = ended.Task;
        new Thread(() =>
        {
            int status = SpawnedProcess.Wait(processId);
            ended.SetResult(ExitStatus.FromWait(status));
        })
        { IsBackground = true, Name = "darter-child" }.Start();
    }

    /// <summary>Its process id.</summary>
    public int ProcessId { get; }

    /// <summary>How it ended, once it has.</summary>
    public Task<ExitStatus> Ended { get; }

    /// <summary>Starts a program.</summary>
    /// <param name="path">The executable.</param>
    /// <param name="arguments">Its arguments, its own name first.</param>
    /// <param name="environment">Its whole environment.</param>
    /// <param name="descriptors">Descriptors of this process that it inherits, under the same numbers.</param>
    /// <param name="detached">In a session of its own, with /dev/null as its standard input and outputs.</param>
    /// <exception cref="Win32Exception">It cannot be started.</exception>
    public static ChildProcess Start(
        string path, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, IReadOnlyList<int> descriptors, bool detached) =>
        new(SpawnedProcess.Start(path, arguments, environment.Select(pair => $"{pair.Key}={pair.Value}"), descriptors, detached));

    /// <summary>Asks it to end in order.</summary>
    public void Terminate()
    {
        if (!Ended.IsCompleted)
        {
            _ = Libc.kill(ProcessId, Libc.SIGTERM);
        }
    }
}
