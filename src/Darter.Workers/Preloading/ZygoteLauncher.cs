using System.Collections.Concurrent;
using System.ComponentModel;
using System.Security.Cryptography;
using Darter.Wire;
using Darter.Workers.Native;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Darter.Workers.Preloading;

/// <summary>
/// Has workers forked by a <see cref="Zygote"/>, which is started with the first of them, and again should it end. On a
/// thread of its own: loading takes as long as the application likes.
/// </summary>
internal sealed partial class ZygoteLauncher : IWorkerLauncher
{
    private readonly WorkerPoolConfig _config;
    private readonly WorkerOutputs _outputs;
    private readonly ILogger _logger;
    private readonly BlockingCollection<(int Number, Action<WorkerLaunch> Done)> _orders = [];
    private readonly Lock _lock = new();
    private Zygote? _zygote;
    private bool _abandoned;
    private bool _loading;

    internal ZygoteLauncher(WorkerPoolConfig config, WorkerOutputs outputs, ILogger logger)
    {
        _config = config;
        _outputs = outputs;
        _logger = logger;
        new Thread(Run) { Name = "darter-preload", IsBackground = true }.Start();
    }

    /// <inheritdoc/>
    public void Launch(int number, Action<WorkerLaunch> done) => _orders.Add((number, done));

    /// <inheritdoc/>
    public void Abandon()
    {
        lock (_lock)
        {
            _abandoned = true;
            if (_loading)
            {
                _zygote?.Kill();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _abandoned = true;
            _zygote?.Dispose();
            _zygote = null;
        }

        _orders.CompleteAdding();
    }

    private void Run()
    {
        foreach ((int number, Action<WorkerLaunch> done) in _orders.GetConsumingEnumerable())
        {
            WorkerLaunch launch = Start(number);
            done(launch);

            // What does not load now does not load for those who were ordered with it.
            while (launch.LoadFailure is not null && _orders.TryTake(out (int Number, Action<WorkerLaunch> Done) next))
            {
                next.Done(launch);
            }
        }
    }

    private WorkerLaunch Start(int number)
    {
        bool again = _zygote is not null;
        while (true)
        {
            try
            {
                return Fork(Current(), number);
            }
            catch (WorkerStartException exception)
            {
                Discard();
                return new WorkerLaunch { LoadFailure = exception.Message };
            }
            catch (Exception exception) when (exception is Win32Exception or InvalidOperationException or IOException)
            {
                Discard();
                if (again)
                {
                    // One that served well until now may have been killed.
                    again = false;
                    continue;
                }

                return new WorkerLaunch { Error = exception.Message };
            }
        }
    }

    /// <summary>The zygote, with the application loaded.</summary>
    private Zygote Current()
    {
        Zygote zygote;
        lock (_lock)
        {
            if (_abandoned)
            {
                throw new WorkerStartException("The server is stopping.");
            }

            if (_zygote is { } running)
            {
                return running;
            }

            _zygote = zygote = Zygote.Start(_config, _outputs);
            _loading = true;
        }

        string[] threads = zygote.WaitUntilLoaded();
        lock (_lock)
        {
            _loading = false;
        }

        if (threads.Length > 0)
        {
            Log.HasThreads(_logger, string.Join(", ", threads));
        }

        return zygote;
    }

    private WorkerLaunch Fork(Zygote zygote, int number)
    {
        byte[] token = RandomNumberGenerator.GetBytes(ChannelFormat.TokenSize);
        using WorkerEnds ends = new(_config);
        (SafeFileHandle lifeline, SafeFileHandle workersEnd) = SocketPair.Create(Libc.SOCK_STREAM);
        using (workersEnd)
        {
            WorkerSettings settings = WorkerSettings.Create(_config, number, token, place => place);
            int[] descriptors = [.. ends.Worker.Append(workersEnd).Select(handle => (int)handle.DangerousGetHandle())];
            try
            {
                ForkedProcess process = new(zygote.Fork(settings, descriptors), lifeline, zygote.Reap);
                return ends.TakeFront(process, token, _outputs, _config, number);
            }
            catch
            {
                // Should a worker have come of it, the end of its lifeline ends it.
                lifeline.Dispose();
                throw;
            }
        }
    }

    private void Discard()
    {
        lock (_lock)
        {
            _zygote?.Dispose();
            _zygote = null;
            _loading = false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(140, LogLevel.Warning, "The application started threads while it was loaded for --preload ({Threads}); the workers do not have them")]
        internal static partial void HasThreads(ILogger logger, string threads);
    }
}
