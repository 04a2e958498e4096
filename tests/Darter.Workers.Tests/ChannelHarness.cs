using System.ComponentModel;
using System.Net.Sockets;
using System.Security.Cryptography;
using Darter.Transport;
using Darter.Wire;
using Darter.Workers.Native;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;

namespace Darter.Workers.Tests;

/// <summary>A loop, a queue and channels whose workers are the test.</summary>
internal sealed class ChannelHarness : IChannelOwner, IDisposable
{
    private readonly EventLoopGroup _loops = new(1, NullLogger.Instance);

    public ChannelHarness()
    {
        Queue = Run(() => new RequestQueue(Loop));
    }

    public EventLoop Loop => _loops.Loops[0];

    public RequestQueue Queue { get; }

    public bool RepeatsIdempotent { get; set; }

    public byte[] Token { get; } = RandomNumberGenerator.GetBytes(ChannelFormat.TokenSize);

    public List<string> Events { get; } = [];

    /// <summary>Opens a channel and, unless told otherwise, makes it ready.</summary>
    public (Channel Channel, FakeWorker Worker) Open(bool ready = true, ApplicationInterface application = ApplicationInterface.Wsgi)
    {
        (SafeFileHandle front, Socket worker) = CreateSocketPair();
        using SafeFileHandle memory = ClaimPage.CreateMemory();
        Channel channel = new(Loop, this, new Worker(1), 0, front, new ClaimPage(memory), Token) { RepeatsIdempotent = RepeatsIdempotent };
        FakeWorker fake = new(worker, memory);
        Run(channel.Open);
        if (ready)
        {
            fake.Hello(Token, application: application);
            WaitFor(() => channel.State == ChannelState.Ready);
        }

        return (channel, fake);
    }

    public FakeStream Add(string target, byte[]? body = null, bool canSendAgain = true)
    {
        FakeStream stream = new(target, body, canSendAgain);
        Run(() => Queue.Add(stream));
        return stream;
    }

    /// <summary>Runs something on the loop and waits for it.</summary>
    public void Run(Action action) => Run(() =>
    {
        action();
        return true;
    });

    public T Run<T>(Func<T> function)
    {
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Loop.Post(new LoopAction(() =>
        {
            try
            {
                done.SetResult(function());
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        }));
        return done.Task.WaitAsync(TimeSpan.FromSeconds(30)).GetAwaiter().GetResult();
    }

    /// <summary>Waits until something holds, looked at on the loop.</summary>
    public void WaitFor(Func<bool> condition) =>
        Assert.True(SpinWait.SpinUntil(() => Run(condition), TimeSpan.FromSeconds(30)), "the condition did not come true");

    void IChannelOwner.OnReady(Channel channel, string version) => Queue.AddChannel(channel);

    void IChannelOwner.OnLoadFailed(Channel channel, string reason) => Events.Add($"load failed: {reason}");

    void IChannelOwner.OnProgress(Channel channel) => Queue.Fill(channel);

    void IChannelOwner.OnReturned(WorkerStream stream) => Queue.AddReturned(stream);

    void IChannelOwner.OnLeaving(Channel channel)
    {
        Events.Add("leaving");
        Queue.RemoveChannel(channel);
        channel.Drain(keepStreams: false);
        channel.ReturnUnstarted();
        Queue.Distribute();
    }

    void IChannelOwner.OnClosed(Channel channel, string? error)
    {
        Events.Add($"closed: {error}");
        Queue.RemoveChannel(channel);
        Queue.Distribute();
    }

    void IChannelOwner.OnWorn(Worker worker) => Events.Add("worn");

    void IChannelOwner.OnLog(Channel channel, WorkerLogLevel level, string text) => Events.Add($"log {level}: {text}");

    public void Dispose() => _loops.Dispose();

    private static unsafe (SafeFileHandle Front, Socket Worker) CreateSocketPair()
    {
        int* pair = stackalloc int[2];
        if (Libc.socketpair(Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC, 0, pair) < 0)
        {
            throw new Win32Exception();
        }

        Socket worker = new(new SafeSocketHandle(pair[1], ownsHandle: true)) { ReceiveTimeout = 30_000 };
        return (new SafeFileHandle(pair[0], ownsHandle: true), worker);
    }
}
