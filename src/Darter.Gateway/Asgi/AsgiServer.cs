using System.Diagnostics;
using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;
using Darter.Wire;

namespace Darter.Gateway.Asgi;

/// <summary>
/// Serves an ASGI application on one channel, driven by an asyncio event loop: the loop says when the channel can be
/// read, the requests that are there are started as tasks and take their first step at once, and what they have answered
/// leaves in one write.
/// </summary>
internal sealed partial class AsgiServer : PythonPeer
{
    /// <summary>How long a reply may wait for others, in nanoseconds, so that they leave in one write.</summary>
    private const long LongestWait = 50_000;

    /// <summary>How much may wait for the end of a turn, in bytes.</summary>
    private const int MaxPending = 128 * 1024;

    private readonly HeldReference _application;
    private readonly HeldReference _readable;
    private readonly HeldReference _writable;
    private readonly HeldReference _flush;
    private readonly HeldReference _stop;
    private readonly ScopeFactory _scopes;
    private readonly Dictionary<uint, AsgiExchange> _streams = [];
    private readonly Stack<HttpExchange> _spareExchanges = new();
    private readonly Stack<RequestBody> _spareBodies = new();
    private readonly Stack<AsgiHeaders> _spareHeaders = new();
    private int _open;
    private long _sentAt;
    private bool _isReading;
    private bool _isFlushScheduled;
    private bool _watchesWriting;
    private bool _isDraining;
    private bool _isStopping;
    private bool _isFinished;

    /// <summary>Prepares a server for an application.</summary>
    /// <exception cref="InvalidOperationException">Python is out of memory.</exception>
    public AsgiServer(Channel channel, BorrowedReference application, AsgiSettings settings)
    {
        Channel = channel;
        Settings = settings;
        LeastMessageCharge = ChannelFormat.LeastMessageChargeToWorker(settings.WebSocketQueue);
        _application = new HeldReference(application.ToNew());
        CreateObject(Types.Ticket);
        ServerFunctions functions = new();
        _readable = functions.CreateReadable(Object);
        _writable = functions.CreateWritable(Object);
        _flush = functions.CreateFlush(Object);
        _stop = functions.CreateStop(Object);
        Messages = new ReceivedMessages(Keys);
        _scopes = new ScopeFactory(settings, Keys);
        _firstSteps = settings.HasEagerTasks ? null : new FirstSteps(this);
    }

    /// <summary>The channel.</summary>
    public Channel Channel { get; }

    /// <summary>What the bootstrap has handed over.</summary>
    public AsgiSettings Settings { get; }

    /// <summary>The Python types.</summary>
    public AwaitableTypes Types { get; } = new();

    /// <summary>Keys of dicts.</summary>
    public InternedKeys Keys { get; } = new();

    /// <summary>The functions of exchanges.</summary>
    public ExchangeFunctions Functions { get; } = new();

    /// <summary>Makes the messages of receive().</summary>
    public ReceivedMessages Messages { get; }

    /// <summary>What a piece of a WebSocket message takes of the window at least, in bytes.</summary>
    public int LeastMessageCharge { get; }

    /// <summary>A tuple of the functions for the loop: readable, writable, stop. NULL: a Python error is set.</summary>
    public unsafe NewReference CreateFunctions()
    {
        NewReference tuple = PyApi.PyTuple_New(3);
        if (!tuple.IsNull)
        {
            _ = PyApi.PyTuple_SetItem(tuple, 0, _readable.Borrow().ToNew().Steal());
            _ = PyApi.PyTuple_SetItem(tuple, 1, _writable.Borrow().ToNew().Steal());
            _ = PyApi.PyTuple_SetItem(tuple, 2, _stop.Borrow().ToNew().Steal());
        }

        return tuple;
    }

    /// <summary>The channel can be read: takes what is there. Ends the process if the front is gone.</summary>
    public void OnReadable()
    {
        _isReading = true;
        try
        {
            if (Channel.TryReceive() == ReceiveOutcome.Closed)
            {
                WorkerProcess.FrontGone();
            }

            _sentAt = Stopwatch.GetTimestamp();
            _taskFactory = TaskFactory.Unknown;
            while (Channel.TryRead(out FrameHeader header, out ReadOnlySpan<byte> payload))
            {
                Handle(header, payload);
            }
        }
        finally
        {
            _isReading = false;
            Flush();
        }

        FinishIfDone();
    }

    /// <summary>The channel can be written to again.</summary>
    public void OnWritable() => Flush();

    /// <summary>The turn of the loop in which something was written is over.</summary>
    public void OnTurnEnd()
    {
        _isFlushScheduled = false;
        Flush();
    }

    /// <summary>Something was written: it leaves at the end of the turn, or earlier if the application keeps the loop for long.</summary>
    public void OnWritten()
    {
        if (Channel.IsLent)
        {
            return;
        }

        int pending = Channel.Pending;
        if (pending >= MaxPending || Channel.HasDescriptors)
        {
            Flush();
            return;
        }

        if (pending > 0)
        {
            if (!_isReading && !_isFlushScheduled)
            {
                ScheduleFlush();
            }

            Channel.Lend();
        }
    }

    /// <summary>
    /// Nothing more is accepted: what the front has offered stays where it is, and the front is told, so that it closes what
    /// would last for ever.
    /// </summary>
    public void Stop()
    {
        if (!_isStopping)
        {
            _isStopping = true;
            if (!_isDraining)
            {
                Channel.Writer.Write(FrameType.Drain, FrameFlags.None, 0);
                OnWritten();
            }
        }

        FinishIfDone();
    }

    /// <summary>An exchange's stream has ended.</summary>
    public void OnStreamEnded(AsgiExchange exchange)
    {
        if (exchange.IsListed)
        {
            exchange.IsListed = false;
            _ = _streams.Remove(exchange.Stream);
        }

        if (exchange.IsTaskDone)
        {
            End(exchange);
        }

        OnWritten();
    }

    /// <summary>Takes an object for header fields, empty.</summary>
    public AsgiHeaders RentHeaders() => _spareHeaders.Count > 0 ? _spareHeaders.Pop() : new AsgiHeaders();

    /// <summary>Takes one back.</summary>
    public void ReturnHeaders(AsgiHeaders headers)
    {
        if (headers.Block.Length <= 16 * 1024)
        {
            headers.Clear();
            _spareHeaders.Push(headers);
        }
    }

    /// <summary>Takes the place of a request's body back.</summary>
    public void ReturnBody(RequestBody body) => _spareBodies.Push(body);

    private void ScheduleFlush()
    {
        using NewReference handle = PythonCall.Invoke(Settings.CallSoon, _flush.Borrow());
        _isFlushScheduled = !handle.IsNull;
        if (handle.IsNull)
        {
            // The loop is closed.
            PythonError.Clear();
        }
    }

    private void Flush()
    {
        bool isFull = !Channel.TryFlush();
        if (isFull != _watchesWriting)
        {
            using NewReference nothing = PythonCall.Invoke(Settings.WatchWriting, new BorrowedReference(isFull ? PyApi.True : PyApi.False));
            _watchesWriting = isFull;
            if (nothing.IsNull)
            {
                PythonError.WriteUnraisable(Settings.WatchWriting);
            }
        }
    }

    private void FinishIfDone()
    {
        if ((_isDraining || _isStopping) && _open == 0 && !_isFinished && !_isReading)
        {
            _isFinished = true;
            using NewReference nothing = PythonCall.Invoke(Settings.Finished);
            if (nothing.IsNull)
            {
                PythonError.WriteUnraisable(Settings.Finished);
            }
        }
    }
}
