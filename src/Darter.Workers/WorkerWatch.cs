using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Darter.Transport;
using Darter.Workers.Native;
using Microsoft.Win32.SafeHandles;

namespace Darter.Workers;

/// <summary>
/// By what a worker is asked whether it is alive and what it is doing (see "The watch" in <c>docs/channel.md</c>): a socket
/// for questions of one byte and their answers, and a memory file into which it writes stacks. Loop thread only.
/// </summary>
internal sealed unsafe class WorkerWatch : IReadinessHandler, IDisposable
{
    /// <summary>
    /// On this signal the worker's Python writes the stacks of its threads, whatever they do: SIGRTMAX - 2, which neither
    /// Python nor .NET uses, nor applications.
    /// </summary>
    internal const int StackSignal = 62;

    // Far more than the worker writes at a time.
    private const int MostRead = 1024 * 1024;
    private const byte Alive = (byte)'p';
    private const byte Stacks = (byte)'s';

    private readonly SafeFileHandle _socket;
    private readonly SafeFileHandle _memory;
    private EventLoop? _loop;
    private long _read;
    private bool _isAsked;
    private Action? _onStacks;

    /// <summary>Takes over the front's ends.</summary>
    internal WorkerWatch(SafeFileHandle socket, SafeFileHandle memory)
    {
        _socket = socket;
        _memory = memory;
    }

    /// <summary>Since when an answer is missing, in ticks of <see cref="Stopwatch"/>; 0: none is.</summary>
    internal long UnansweredSince { get; private set; }

    /// <summary>How much the worker has written that was not read.</summary>
    internal long Unread => Math.Max(0, RandomAccess.GetLength(_memory) - _read);

    /// <summary>Makes the memory file; the worker's descriptor shares its position with the front's, which does not use it.</summary>
    internal static (SafeFileHandle Front, SafeFileHandle Worker) CreateMemory()
    {
        int front = Libc.memfd_create("darter-stacks", Libc.MFD_CLOEXEC);
        int worker = front < 0 ? -1 : Libc.fcntl(front, Libc.F_DUPFD_CLOEXEC, 0);
        if (worker < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "cannot create the memory for a worker's stacks");
        }

        return (new SafeFileHandle(front, ownsHandle: true), new SafeFileHandle(worker, ownsHandle: true));
    }

    /// <summary>Begins to listen.</summary>
    internal void Open(EventLoop loop)
    {
        _loop = loop;
        loop.WatchInput(Descriptor, this);
    }

    /// <summary>Asks whether the worker is alive, unless that is asked already.</summary>
    internal void AskAlive(long now)
    {
        if (!_isAsked)
        {
            _isAsked = true;
            Ask(Alive);
        }

        if (UnansweredSince == 0)
        {
            UnansweredSince = now;
        }
    }

    /// <summary>The worker has no request: whether it answers is of no interest.</summary>
    internal void Excuse() => UnansweredSince = 0;

    /// <summary>Has the worker write its stacks, which takes a worker that is alive; <paramref name="done"/> runs once it has.</summary>
    internal void AskStacks(Action done)
    {
        _onStacks = done;
        _read = 0;
        Ask(Stacks);
    }

    /// <summary>It did not write its stacks in time: forgets that it was asked. False: it was not, or did.</summary>
    internal bool StopAsking()
    {
        if (_onStacks is null)
        {
            return false;
        }

        _onStacks = null;
        _read = RandomAccess.GetLength(_memory);
        return true;
    }

    /// <summary>What the worker has written since the last call.</summary>
    internal string ReadStacks()
    {
        byte[] bytes = new byte[Math.Min(Unread, MostRead)];
        int count = RandomAccess.Read(_memory, bytes, _read);
        _read += count;
        return Encoding.UTF8.GetString(bytes, 0, count);
    }

    /// <inheritdoc/>
    public void OnReady(Readiness readiness)
    {
        byte* answers = stackalloc byte[64];
        nint count;
        while ((count = Libc.recv(Descriptor, answers, 64, Libc.MSG_DONTWAIT)) > 0)
        {
            for (nint i = 0; i < count; i++)
            {
                OnAnswer(answers[i]);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _loop?.Unwatch(Descriptor);
        _socket.Dispose();
        _memory.Dispose();
    }

    private int Descriptor => (int)_socket.DangerousGetHandle();

    private void OnAnswer(byte answer)
    {
        if (answer == Alive)
        {
            _isAsked = false;
            UnansweredSince = 0;
        }
        else if (answer == Stacks && _onStacks is { } done)
        {
            _onStacks = null;
            done();
        }
    }

    private void Ask(byte question) => _ = Libc.send(Descriptor, &question, 1, Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL);
}
