using System.Net.Sockets;

namespace Darter.Transport.Tests;

public sealed class EventLoopWatchTests : IDisposable
{
    private readonly CollectingLogger _logger = new();
    private readonly EventLoopGroup _group;
    private readonly EventLoop _loop;
    private readonly List<Socket> _sockets = [];

    public EventLoopWatchTests()
    {
        _group = new EventLoopGroup(1, _logger);
        _loop = _group.Loops[0];
    }

    public void Dispose()
    {
        _group.Dispose();
        _sockets.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public async Task Watch_ReadyAlready_IsReportedAtOnce()
    {
        (Socket near, Socket far) = Pair();
        far.Send("x"u8);
        Recorder recorder = new();

        _loop.Watch(Descriptor(near), recorder);

        await Wait.Until(() => recorder.Seen.HasFlag(Readiness.Readable | Readiness.Writable), "the first event");
        Assert.False(recorder.Seen.HasFlag(Readiness.Closed));
    }

    [Fact]
    public async Task Watch_PeerEndsItsSide_IsClosedButNotHungUp()
    {
        (Socket near, Socket far) = Pair();
        Recorder recorder = new();
        _loop.Watch(Descriptor(near), recorder);

        far.Shutdown(SocketShutdown.Send);

        await Wait.Until(() => recorder.Seen.HasFlag(Readiness.Closed), "the end of the peer's side");
        Assert.False(recorder.Seen.HasFlag(Readiness.HungUp));
        far.Dispose();
        await Wait.Until(() => recorder.Seen.HasFlag(Readiness.HungUp), "the peer to be gone");
    }

    [Fact]
    public async Task WatchInput_ReportsRoomOnlyWhileItIsWanted()
    {
        (Socket near, Socket far) = Pair();
        Recorder recorder = new();
        _loop.WatchInput(Descriptor(near), recorder);
        far.Send("x"u8);
        await Wait.Until(() => recorder.Seen.HasFlag(Readiness.Readable), "the byte");
        Assert.False(recorder.Seen.HasFlag(Readiness.Writable));

        _loop.WatchRoom(Descriptor(near), wanted: true);
        await Wait.Until(() => recorder.Seen.HasFlag(Readiness.Writable), "the room");

        _loop.WatchRoom(Descriptor(near), wanted: false);
        _loop.Unwatch(Descriptor(near));
        _loop.WatchRoom(Descriptor(near), wanted: true);
    }

    [Fact]
    public async Task Unwatch_InsideAPass_DropsEventsFetchedAlready()
    {
        for (int round = 0; round < 200; round++)
        {
            (Socket near1, Socket far1) = Pair();
            (Socket near2, Socket far2) = Pair();
            int calls = 0;
            TaskCompletionSource called = new(TaskCreationOptions.RunContinuationsAsynchronously);

            // Whichever handler comes first unwatches the other one, whose event is in the same pass.
            void OnFirst(Socket other)
            {
                calls++;
                _loop.Unwatch(Descriptor(other));
                called.TrySetResult();
            }

            await _loop.RunAsync(() =>
            {
                far1.Send("x"u8);
                far2.Send("x"u8);
                _loop.Watch(Descriptor(near1), new Handler(_ => OnFirst(near2)));
                _loop.Watch(Descriptor(near2), new Handler(_ => OnFirst(near1)));
            });
            await Wait.For(called.Task, "an event");
            await _loop.RunAsync(() => { });

            Assert.Equal(1, await _loop.RunAsync(() => calls));
            await _loop.RunAsync(() =>
            {
                _loop.Unwatch(Descriptor(near1));
                _loop.Unwatch(Descriptor(near2));
            });
            Array.ForEach([near1, near2, far1, far2], socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task Unwatch_DescriptorReusedInThePass_DoesNotReachTheNewHandler()
    {
        (Socket near1, Socket far1) = Pair();
        (Socket near2, Socket far2) = Pair();
        List<string> stray = [];
        bool first = true;
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        // The first handler takes the other's descriptor away and lets it be watched anew, for nothing but the
        // end of the peer's side: the other's event of this pass must not reach the new handler.
        void OnReady(Socket other)
        {
            if (!first)
            {
                stray.Add("the other's event came through");
                return;
            }

            first = false;
            int descriptor = Descriptor(other);
            _loop.Unwatch(descriptor);
            _loop.Watch(descriptor, new Handler(readiness => stray.Add(readiness.ToString())), events: 0x2000);
            _loop.AtEndOfPass(new Work(done.SetResult));
        }

        await _loop.RunAsync(() =>
        {
            far1.Send("x"u8);
            far2.Send("x"u8);
            _loop.Watch(Descriptor(near1), new Handler(_ => OnReady(near2)));
            _loop.Watch(Descriptor(near2), new Handler(_ => OnReady(near1)));
        });
        await Wait.For(done.Task, "the pass");

        Assert.Empty(await _loop.RunAsync(() => stray.ToArray()));
    }

    [Fact]
    public async Task OnReady_Throws_IsLoggedAndTheLoopGoesOn()
    {
        (Socket near, _) = Pair();

        _loop.Watch(Descriptor(near), new Handler(_ => throw new InvalidOperationException("in a handler")));

        await Wait.Until(() => !_logger.Entries.IsEmpty, "an entry in the log");
        Assert.True(await _loop.RunAsync(() => _loop.IsCurrent));
    }

    [Fact]
    public void Watch_BadDescriptor_Throws()
    {
        Assert.Throws<System.ComponentModel.Win32Exception>(() => _loop.Watch(1_000_000, new Recorder()));
        Assert.Throws<ArgumentOutOfRangeException>(() => _loop.Watch(-1, new Recorder()));
    }

    private static int Descriptor(Socket socket) => (int)socket.Handle;

    private (Socket Near, Socket Far) Pair()
    {
        using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        UnixDomainSocketEndPoint endPoint = new($"\0darter-watch-{Guid.NewGuid()}");
        listener.Bind(endPoint);
        listener.Listen();
        Socket far = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        far.Connect(endPoint);
        Socket near = listener.Accept();
        _sockets.Add(near);
        _sockets.Add(far);
        return (near, far);
    }

    private sealed class Handler(Action<Readiness> onReady) : IReadinessHandler
    {
        public void OnReady(Readiness readiness) => onReady(readiness);
    }

    private sealed class Recorder : IReadinessHandler
    {
        private int _seen;

        internal Readiness Seen => (Readiness)Volatile.Read(ref _seen);

        public void OnReady(Readiness readiness) => Interlocked.Or(ref _seen, (int)readiness);
    }
}
