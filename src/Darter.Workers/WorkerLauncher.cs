using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Darter.Wire;
using Darter.Workers.Native;
using Microsoft.Win32.SafeHandles;

namespace Darter.Workers;

/// <summary>
/// Starts worker processes, one after another, on a thread of its own that lives as long as the front: a worker asks the
/// kernel to be killed when the thread that started it ends, and starting takes milliseconds a loop does not have.
/// </summary>
internal sealed class WorkerLauncher : IWorkerLauncher
{
    private readonly WorkerPoolConfig _config;
    private readonly BlockingCollection<(int Number, Action<WorkerLaunch> Done)> _orders = [];

    internal WorkerLauncher(WorkerPoolConfig config)
    {
        _config = config;
        new Thread(Run) { Name = "darter-launcher", IsBackground = true }.Start();
    }

    /// <inheritdoc/>
    public void Launch(int number, Action<WorkerLaunch> done) => _orders.Add((number, done));

    /// <inheritdoc/>
    public void Dispose() => _orders.CompleteAdding();

    private void Run()
    {
        foreach ((int number, Action<WorkerLaunch> done) in _orders.GetConsumingEnumerable())
        {
            WorkerLaunch launch;
            try
            {
                launch = Start(number);
            }
            catch (Exception exception) when (exception is Win32Exception or InvalidOperationException or IOException)
            {
                launch = new WorkerLaunch { Error = exception.Message };
            }

            done(launch);
        }
    }

    private WorkerLaunch Start(int number)
    {
        byte[] token = RandomNumberGenerator.GetBytes(ChannelFormat.TokenSize);
        List<ChannelEnds> ends = [];
        List<SafeFileHandle> inherited = [];
        WorkerWatch? watch = null;
        try
        {
            WorkerChannelSettings[] settings = new WorkerChannelSettings[_config.Threads];
            for (int i = 0; i < _config.Threads; i++)
            {
                (SafeFileHandle front, SafeFileHandle worker) = CreateSocketPair();
                SafeFileHandle memory = ClaimPage.CreateMemory();
                inherited.Add(worker);
                inherited.Add(memory);
                ends.Add(new ChannelEnds(front, new ClaimPage(memory)));
                settings[i] = new WorkerChannelSettings((int)worker.DangerousGetHandle(), (int)memory.DangerousGetHandle());
            }

            (SafeFileHandle frontWatch, SafeFileHandle workerWatch) = CreateSocketPair();
            inherited.Add(workerWatch);
            (SafeFileHandle frontStacks, SafeFileHandle workerStacks) = WorkerWatch.CreateMemory();
            inherited.Add(workerStacks);
            watch = new WorkerWatch(frontWatch, frontStacks);
            WorkerWatchSettings watchSettings = new((int)workerWatch.DangerousGetHandle(), (int)workerStacks.DangerousGetHandle(), WorkerWatch.StackSignal);

            // Only this process may inherit them: workers are started one at a time, and the flag is set for the moment.
            foreach (SafeFileHandle handle in inherited)
            {
                if (Libc.fcntl((int)handle.DangerousGetHandle(), Libc.F_SETFD, 0) < 0)
                {
                    throw new Win32Exception(Marshal.GetLastPInvokeError());
                }
            }

            Process process = Process.Start(StartInfo(number, token, settings, watchSettings))!;
            return new WorkerLaunch { Process = process, Channels = ends, Watch = watch, Token = token };
        }
        catch
        {
            watch?.Dispose();
            foreach (ChannelEnds end in ends)
            {
                end.Socket.Dispose();
                end.Claims.Dispose();
            }

            throw;
        }
        finally
        {
            inherited.ForEach(handle => handle.Dispose());
        }
    }

    private ProcessStartInfo StartInfo(int number, byte[] token, WorkerChannelSettings[] channels, WorkerWatchSettings watch)
    {
        WorkerSettings settings = new()
        {
            Library = _config.Library,
            Channels = channels,
            Watch = watch,
            Token = Convert.ToHexStringLower(token),
            Target = _config.Target,
            Interface = _config.Interface,
            Loop = _config.Loop,
            Lifespan = _config.Lifespan,
            RootPath = _config.RootPath,
            WsMaxQueue = _config.WebSocketMaxQueue,
            Multiprocess = _config.Workers > 1,
            Name = $"worker {number}",
            Path = [],
        };

        ProcessStartInfo info = new(_config.Python) { UseShellExecute = false, WorkingDirectory = _config.WorkingDirectory };
        info.ArgumentList.Add(_config.Bootstrap);
        info.Environment["DARTER_WORKER"] = JsonSerializer.Serialize(settings, WorkerSettingsJson.Default.WorkerSettings);
        return info;
    }

    private static unsafe (SafeFileHandle Front, SafeFileHandle Worker) CreateSocketPair()
    {
        int* pair = stackalloc int[2];
        if (Libc.socketpair(Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC, 0, pair) < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "cannot create a channel's sockets");
        }

        return (new SafeFileHandle(pair[0], ownsHandle: true), new SafeFileHandle(pair[1], ownsHandle: true));
    }
}
