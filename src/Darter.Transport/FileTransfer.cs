using System.Threading.Tasks.Sources;
using Darter.Transport.Files;

namespace Darter.Transport;

/// <summary>A region of a file on its way to a peer. It keeps the file open as long as it takes.</summary>
public sealed class FileTransfer : IValueTaskSource<bool>, ILoopWork
{
    private readonly EventLoop _loop;
    private readonly OpenedFile _file;
    private ManualResetValueTaskSourceCore<bool> _completion;
    private int _sent;
    private bool _flushed;

    internal FileTransfer(EventLoop loop, OpenedFile file, long offset, int length)
    {
        file.Hold();
        _loop = loop;
        _file = file;
        Offset = offset;
        Left = length;
    }

    /// <summary>Bytes that were handed to the kernel. Any thread.</summary>
    public int Sent => Volatile.Read(ref _sent);

    /// <summary>Why the file could not be sent; null: it was, or the peer has left. Known when <see cref="Completion"/> is.</summary>
    public IOException? Failure { get; private set; }

    /// <summary>
    /// To be awaited once, after the flush: whether all of it was handed to the kernel. It goes on on the loop's thread, a
    /// long transfer in another pass of the loop, so that other connections have their turn in between.
    /// </summary>
    public ValueTask<bool> Completion => Volatile.Read(ref _flushed) ? new ValueTask<bool>(this, _completion.Version) : default;

    internal int Descriptor => _file.Descriptor;

    /// <summary>Where what is left begins.</summary>
    internal long Offset { get; private set; }

    /// <summary>Bytes that were not sent yet.</summary>
    internal int Left { get; private set; }

    /// <summary>Whether the writer has counted the region as written.</summary>
    internal bool IsWritten { get; set; }

    bool IValueTaskSource<bool>.GetResult(short token) => _completion.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _completion.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);

    void ILoopWork.Run() => _completion.SetResult(Left == 0);

    /// <summary>Notes that the writer has flushed it: from now on it will be completed.</summary>
    internal void OnFlushed() => Volatile.Write(ref _flushed, true);

    /// <summary>Notes that the next bytes were sent.</summary>
    internal void Advance(int sent)
    {
        Offset += sent;
        Left -= sent;
        Volatile.Write(ref _sent, _sent + sent);
    }

    /// <summary>Notes why no more can be sent.</summary>
    internal void Fail(IOException failure) => Failure = failure;

    /// <summary>Gives the file back and completes, here if nobody can wait yet and the loop was not kept for long.</summary>
    internal void Finish(bool here)
    {
        _file.Release();
        if (here || !_loop.TryPost(this))
        {
            _completion.SetResult(Left == 0);
        }
    }

    /// <summary>Gives the file back; the transfer was never begun.</summary>
    internal void Drop() => _file.Release();
}
