using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using Darter.Transport;
using Darter.Workers.Native;
using Microsoft.Win32.SafeHandles;

namespace Darter.Workers.Preloading;

/// <summary>
/// A worker that a zygote forked. It is known by a process descriptor (pidfd), so that its number may be used again
/// without another process being taken for it; how it ended stands in <c>/proc</c> until its parent is told to reap it.
/// </summary>
internal sealed class ForkedProcess : WorkerProcess, IReadinessHandler
{
    private readonly SafeFileHandle _process;
    private readonly SafeFileHandle _lifeline;
    private readonly Action<int> _reap;
    private EventLoop? _loop;
    private Action<ExitStatus>? _exited;

    /// <param name="id">A child of the zygote that was not reaped.</param>
    /// <param name="lifeline">The kernel kills the worker when this is closed, by the end of the front too.</param>
    /// <param name="reap">Tells the zygote that the worker's end is known.</param>
    /// <exception cref="Win32Exception">The kernel has no process descriptors (before Linux 5.3) or no more of them.</exception>
    internal ForkedProcess(int id, SafeFileHandle lifeline, Action<int> reap)
    {
        Id = id;
        _lifeline = lifeline;
        _reap = reap;
        nint descriptor = Libc.syscall(Libc.SYS_pidfd_open, id, 0, 0, 0);
        if (descriptor < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "cannot watch a forked worker; --preload needs Linux 5.3");
        }

        _process = new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <inheritdoc/>
    internal override int Id { get; }

    /// <inheritdoc/>
    internal override void Watch(EventLoop loop, Action<ExitStatus> exited)
    {
        _loop = loop;
        _exited = exited;
        loop.WatchInput((int)_process.DangerousGetHandle(), this);
    }

    /// <inheritdoc/>
    internal override void Kill()
    {
        if (!_process.IsClosed)
        {
            _ = Libc.syscall(Libc.SYS_pidfd_send_signal, _process.DangerousGetHandle(), Libc.SIGKILL, 0, 0);
        }
    }

    /// <summary>The process has ended.</summary>
    void IReadinessHandler.OnReady(Readiness readiness)
    {
        _loop!.Unwatch((int)_process.DangerousGetHandle());
        ExitStatus status = ReadStatus(Id);
        _reap(Id);
        _exited!(status);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _lifeline.Dispose();
        _process.Dispose();
    }

    /// <summary>The last field of <c>/proc/PID/stat</c> is the status as wait(2) gives it.</summary>
    private static ExitStatus ReadStatus(int id)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{id}/stat");
            int status = int.Parse(stat.AsSpan(stat.LastIndexOf(' ') + 1), NumberStyles.Integer, CultureInfo.InvariantCulture);
            int signal = status & 0x7f;
            return new ExitStatus(signal != 0 ? 128 + signal : status >> 8);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
        {
            // Its parent is gone, and who has it now reaps at once.
            return ExitStatus.Unknown;
        }
    }
}
