using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using Darter.Wire;
using Darter.Workers;
using Darter.Workers.Native;
using Darter.Workers.Tests;
using Microsoft.Win32.SafeHandles;

namespace Darter.Server.Tests.Applications;

/// <summary>
/// Launches processes that do nothing; the worker's ends of their channels are the test's. So a worker can be killed, and
/// what it says is what the test has it say.
/// </summary>
internal sealed class FakeLauncher(int channels) : IWorkerLauncher
{
    private readonly object _gate = new();
    private readonly List<FakeWorker> _workers = [];
    private readonly List<Process> _processes = [];

    /// <summary>What the workers say they serve.</summary>
    public ApplicationInterface Application { get; init; } = ApplicationInterface.Asgi;

    /// <summary>The channels of all workers launched so far.</summary>
    public IReadOnlyList<FakeWorker> Channels
    {
        get
        {
            lock (_gate)
            {
                return [.. _workers];
            }
        }
    }

    /// <summary>The processes launched so far.</summary>
    public IReadOnlyList<Process> Processes
    {
        get
        {
            lock (_gate)
            {
                return [.. _processes];
            }
        }
    }

    public void Launch(int number, Action<WorkerLaunch> done) => Task.Run(() => Launch(done));

    public void Abandon()
    {
        // Nothing loads.
    }

    /// <summary>Has the workers leave as soon as they are asked to.</summary>
    public Task LeaveAsync() => Task.WhenAll(Channels.Select(worker => Task.Run(() =>
    {
        try
        {
            while (worker.Read().Header.Type != FrameType.Drain)
            {
            }
        }
        catch (Exception exception) when (exception is SocketException or EndOfStreamException or ObjectDisposedException)
        {
            // It has left already.
        }

        worker.Dispose();
        foreach (Process process in Processes)
        {
            Kill(process);
        }
    })));

    /// <summary>Kills a worker.</summary>
    public static void Kill(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended, and the supervisor is done with it.
        }
    }

    public void Dispose()
    {
        // The workers are LeaveAsync's.
    }

    private void Launch(Action<WorkerLaunch> done)
    {
        byte[] token = RandomNumberGenerator.GetBytes(ChannelFormat.TokenSize);
        List<ChannelEnds> ends = [];
        List<FakeWorker> fakes = [];
        for (int i = 0; i < channels; i++)
        {
            (SafeFileHandle front, Socket worker) = CreateSocketPair();
            using SafeFileHandle memory = ClaimPage.CreateMemory();
            ends.Add(new ChannelEnds(front, new ClaimPage(memory)));
            fakes.Add(new FakeWorker(worker, memory));
        }

        // It ends by itself when the test's process does.
        ProcessStartInfo info = new("cat") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        Process process = Process.Start(info)!;
        lock (_gate)
        {
            _processes.Add(process);
        }

        done(new WorkerLaunch { Process = new ChildWorkerProcess(process), Channels = ends, Token = token });
        foreach (FakeWorker fake in fakes)
        {
            fake.Hello(token, application: Application);
        }

        lock (_gate)
        {
            _workers.AddRange(fakes);
        }
    }

    private static unsafe (SafeFileHandle Front, Socket Worker) CreateSocketPair()
    {
        int* pair = stackalloc int[2];
        if (Libc.socketpair(Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC, 0, pair) < 0)
        {
            throw new Win32Exception();
        }

        return (new SafeFileHandle(pair[0], ownsHandle: true), new Socket(new SafeSocketHandle(pair[1], ownsHandle: true)) { ReceiveTimeout = 30_000 });
    }
}
