using System.Collections.Concurrent;
using System.ComponentModel;
using System.Runtime.InteropServices;
using Darter.Workers.Native;
using Microsoft.Win32.SafeHandles;

namespace Darter.Workers;

/// <summary>What a pool's processes write, as far as the front reads it. Any thread.</summary>
internal sealed class WorkerOutputs
{
    private readonly ConcurrentDictionary<OutputReader, bool> _readers = new();

    /// <summary>Ends when all that processes wrote that have ended was read.</summary>
    internal Task Ended => Task.WhenAll(_readers.Keys.Select(reader => reader.Ended));

    /// <summary>The two ends of a pipe for a process's output; null if the front does not read it.</summary>
    /// <exception cref="Win32Exception">The kernel has no more of them.</exception>
    internal static (SafeFileHandle Front, SafeFileHandle Worker)? CreatePipe(WorkerPoolConfig config) => IsRead(config) ? CreatePipe() : null;

    /// <summary>The two ends of a pipe from a process.</summary>
    /// <exception cref="Win32Exception">The kernel has no more of them.</exception>
    internal static unsafe (SafeFileHandle Front, SafeFileHandle Worker) CreatePipe()
    {
        int* ends = stackalloc int[2];
        if (Libc.pipe2(ends, Libc.O_CLOEXEC) < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "cannot create a pipe to a worker");
        }

        return (new SafeFileHandle(ends[0], ownsHandle: true), new SafeFileHandle(ends[1], ownsHandle: true));
    }

    /// <summary>What a process is told of the pipe that it has under a number; null if there is none.</summary>
    internal static WorkerOutputSettings? Settings(WorkerPoolConfig config, Func<int> descriptor) =>
        IsRead(config) ? new WorkerOutputSettings(descriptor(), config.Output == WorkerOutput.All) : null;

    /// <summary>Reads a pipe until its end.</summary>
    internal void Read(SafeFileHandle pipe, IWorkerOutput output, string name, int processId)
    {
        OutputReader reader = new(pipe, output, name, processId);
        _readers[reader] = true;
        _ = reader.Ended.ContinueWith(_ => _readers.TryRemove(reader, out bool _), TaskScheduler.Default);
        reader.Start();
    }

    /// <summary>Whether the front reads what workers write.</summary>
    internal static bool IsRead(WorkerPoolConfig config) => config.Output != WorkerOutput.Inherited && config.OutputTo is not null;
}
