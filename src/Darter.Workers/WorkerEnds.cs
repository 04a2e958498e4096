using System.ComponentModel;
using Darter.Workers.Native;
using Microsoft.Win32.SafeHandles;

namespace Darter.Workers;

/// <summary>Both ends of a worker's channels while the worker is started: the front keeps its own, the worker gets the others.</summary>
internal sealed class WorkerEnds : IDisposable
{
    private readonly List<ChannelEnds> _front = [];
    private readonly List<SafeFileHandle> _worker = [];
    private bool _isTaken;

    /// <exception cref="Win32Exception">The kernel has no more of something.</exception>
    internal WorkerEnds(int channels)
    {
        try
        {
            for (int i = 0; i < channels; i++)
            {
                (SafeFileHandle front, SafeFileHandle worker) = SocketPair.Create(Libc.SOCK_STREAM);
                _worker.Add(worker);
                SafeFileHandle memory = ClaimPage.CreateMemory();
                _worker.Add(memory);
                _front.Add(new ChannelEnds(front, new ClaimPage(memory)));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What the worker gets: socket and page of the first channel, of the second, and so on.</summary>
    internal IReadOnlyList<SafeFileHandle> Worker => _worker;

    /// <summary>The front's ends, from now on the caller's.</summary>
    internal IReadOnlyList<ChannelEnds> TakeFront()
    {
        _isTaken = true;
        return _front;
    }

    /// <summary>Closes the worker's ends, and the front's too if nobody took them.</summary>
    public void Dispose()
    {
        _worker.ForEach(handle => handle.Dispose());
        if (_isTaken)
        {
            return;
        }

        foreach (ChannelEnds ends in _front)
        {
            ends.Socket.Dispose();
            ends.Claims.Dispose();
        }
    }
}
