using System.ComponentModel;
using Darter.Workers.Native;
using Microsoft.Win32.SafeHandles;

namespace Darter.Workers;

/// <summary>Both ends of what joins a worker to the front, while the worker is started: channels, the watch, and a pipe for its output.</summary>
internal sealed class WorkerEnds : IDisposable
{
    private readonly List<ChannelEnds> _channels = [];
    private readonly List<SafeFileHandle> _worker = [];
    private readonly WorkerWatch? _watch;
    private readonly SafeFileHandle? _output;
    private readonly SafeFileHandle? _sources;
    private bool _isTaken;

    /// <exception cref="Win32Exception">The kernel has no more of something.</exception>
    internal WorkerEnds(WorkerPoolConfig config)
    {
        try
        {
            for (int i = 0; i < config.Threads; i++)
            {
                (SafeFileHandle front, SafeFileHandle worker) = SocketPair.CreateChannel();
                _worker.Add(worker);
                SafeFileHandle memory = ClaimPage.CreateMemory();
                _worker.Add(memory);
                _channels.Add(new ChannelEnds(front, new ClaimPage(memory)));
            }

            (SafeFileHandle frontWatch, SafeFileHandle workerWatch) = SocketPair.Create(Libc.SOCK_STREAM);
            _worker.Add(workerWatch);
            (SafeFileHandle frontStacks, SafeFileHandle workerStacks) = WorkerWatch.CreateMemory();
            _worker.Add(workerStacks);
            _watch = new WorkerWatch(frontWatch, frontStacks);
            if (WorkerOutputs.CreatePipe(config) is var (read, write))
            {
                _output = read;
                _worker.Add(write);
            }

            if (config.Development?.SourcesTo is not null)
            {
                (_sources, SafeFileHandle written) = WorkerOutputs.CreatePipe();
                _worker.Add(written);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What the worker gets: socket and page of the first channel, of the second, and so on; then the watch's socket and memory; last the pipes of its output and of its sources, if there are some.</summary>
    internal IReadOnlyList<SafeFileHandle> Worker => _worker;

    /// <summary>The worker was started: the front's ends are the caller's from now on, its output is read.</summary>
    internal WorkerLaunch TakeFront(WorkerProcess process, byte[] token, WorkerOutputs outputs, WorkerPoolConfig config, int number)
    {
        _isTaken = true;
        if (_output is { } pipe)
        {
            outputs.Read(pipe, config.OutputTo!, $"worker {number}", process.Id);
        }

        if (_sources is { } sources)
        {
            outputs.Read(sources, config.Development!.SourcesTo!, $"worker {number}", process.Id);
        }

        return new WorkerLaunch { Process = process, Channels = _channels, Watch = _watch, Token = token };
    }

    /// <summary>Closes the worker's ends, and the front's too if nobody took them.</summary>
    public void Dispose()
    {
        _worker.ForEach(handle => handle.Dispose());
        if (_isTaken)
        {
            return;
        }

        _watch?.Dispose();
        _output?.Dispose();
        _sources?.Dispose();
        foreach (ChannelEnds ends in _channels)
        {
            ends.Socket.Dispose();
            ends.Claims.Dispose();
        }
    }
}
