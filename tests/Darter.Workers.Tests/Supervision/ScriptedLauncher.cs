using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using Darter.Wire;
using Darter.Workers.Native;
using Microsoft.Win32.SafeHandles;

namespace Darter.Workers.Tests.Supervision;

/// <summary>The launcher of one generation: the workers do and say what the test has them do and say.</summary>
internal sealed class ScriptedLauncher(int generation) : IWorkerLauncher
{
    private readonly List<LaunchedWorker> _workers = [];
    private Task _last = Task.CompletedTask;

    /// <summary>Whether it was told that it is not needed any more.</summary>
    public bool IsDisposed { get; private set; }

    /// <summary>The error of the next launches; null: they succeed.</summary>
    public string? Error { get; set; }

    /// <summary>Those launched so far, in the order of the launches.</summary>
    public IReadOnlyList<LaunchedWorker> Workers
    {
        get
        {
            lock (_workers)
            {
                return [.. _workers];
            }
        }
    }

    public void Launch(int number, Action<WorkerLaunch> done)
    {
        Assert.False(IsDisposed, "a worker was launched by a launcher that is disposed");

        // One after the other, as the real one does it. Called on the loop only.
        _last = _last.ContinueWith(_ => done(Error is { } error ? new WorkerLaunch { Error = error } : Start(number)), TaskScheduler.Default);
    }

    public void Abandon()
    {
        // What is launched is there at once.
    }

    public void Dispose() => IsDisposed = true;

    private unsafe WorkerLaunch Start(int number)
    {
        int* pair = stackalloc int[2];
        if (Libc.socketpair(Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC, 0, pair) < 0)
        {
            throw new Win32Exception();
        }

        byte[] token = RandomNumberGenerator.GetBytes(ChannelFormat.TokenSize);
        using SafeFileHandle memory = ClaimPage.CreateMemory();
        ChannelEnds ends = new(new SafeFileHandle(pair[0], ownsHandle: true), new ClaimPage(memory));
        FakeWorker channel = new(new Socket(new SafeSocketHandle(pair[1], ownsHandle: true)) { ReceiveTimeout = 30_000 }, memory);

        // It ends with status 0 when its input does: at the latest with the test's process.
        ProcessStartInfo info = new("cat") { RedirectStandardInput = true, RedirectStandardOutput = true };
        Process process = Process.Start(info)!;
        lock (_workers)
        {
            _workers.Add(new LaunchedWorker(process, channel, token, number, generation));
        }

        return new WorkerLaunch { Process = new ChildWorkerProcess(process), Channels = [ends], Token = token };
    }
}
