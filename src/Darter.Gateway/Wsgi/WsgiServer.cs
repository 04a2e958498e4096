using System.Diagnostics;
using System.Runtime.InteropServices;
using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;
using Darter.Wire;

namespace Darter.Gateway.Wsgi;

/// <summary>Serves a WSGI application on one channel, by the Python thread that entered it: one request after another.</summary>
internal sealed partial class WsgiServer
{
    /// <summary>How long a reply may wait for others, in nanoseconds, so that they leave in one write.</summary>
    private const long LongestWait = 50_000;

    private readonly Channel _channel;
    private readonly WsgiSettings _settings;
    private readonly HeldReference _application;
    private readonly CallableTypes _callableTypes;
    private readonly InputType _inputType;
    private readonly EnvironFactory _environs;
    private readonly ResponseBody _responseBody;
    private readonly ResponseHeaders _hints = new(new ResponseFieldName());
    private readonly RequestQueue _queue = new();
    private readonly Stack<RequestBody> _spareBodies = new();
    private readonly GCHandle _self;
    private long _serial;
    private long _turnedTo;
    private long _recentTime;
    private bool _isDraining;
    private bool _exitRequested;

    /// <summary>Prepares a server for an application.</summary>
    /// <exception cref="InvalidOperationException">Python is out of memory.</exception>
    public WsgiServer(Channel channel, BorrowedReference application, WsgiSettings settings)
    {
        _channel = channel;
        _settings = settings;
        _application = new HeldReference(application.ToNew());

        // Objects that the application may keep lead here for as long as the process lives.
        _self = GCHandle.Alloc(this);
        Request = new WsgiRequest(channel.Claims);
        Response = new WsgiResponse(this, channel, Request);
        Input = new InputReader(this, channel, Request);
        _responseBody = new ResponseBody(this, Response, Request, settings);
        _callableTypes = new CallableTypes();
        _inputType = new InputType();
        Callables = RequestCallables.Create(_callableTypes, _self, ++_serial) ?? throw new InvalidOperationException("out of memory");
        using NewReference emptyInput = Ticket.Create(_inputType.Type, _self, 0);
        _environs = new EnvironFactory(settings, emptyInput);
    }

    /// <summary>The request that runs.</summary>
    public WsgiRequest Request { get; }

    /// <summary>Its response.</summary>
    public WsgiResponse Response { get; }

    /// <summary>Reads its body.</summary>
    public InputReader Input { get; }

    /// <summary>Its functions.</summary>
    public RequestCallables Callables { get; private set; }

    /// <summary>Serves until the front drains or closes the channel, or the worker is to stop.</summary>
    public ServeResult Serve()
    {
        // While requests come in batches it pays to look for the next one before sending; while they come one by one,
        // that is a system call for nothing.
        bool comesInBatches = false;
        while (!_channel.IsStopping)
        {
            int started = RunWaiting();
            if (_channel.IsStopping || (_isDraining && _queue.Count == 0))
            {
                break;
            }

            ReceiveOutcome outcome = comesInBatches ? _channel.TryReceive() : ReceiveOutcome.Nothing;
            if (outcome == ReceiveOutcome.Nothing)
            {
                outcome = _channel.Receive(forRequest: true);
                comesInBatches = started > 1;
            }

            if (outcome == ReceiveOutcome.Interrupted)
            {
                return ServeResult.Error;
            }

            if (outcome == ReceiveOutcome.Closed)
            {
                return ServeResult.Closed;
            }

            _turnedTo = Stopwatch.GetTimestamp();
        }

        _channel.Dispose();
        return _exitRequested ? ServeResult.ExitRequested : ServeResult.Drained;
    }

    /// <summary>
    /// Whether the request that runs is the one of a ticket with this serial number, and its functions can be used. False:
    /// a Python error is set.
    /// </summary>
    public bool Admits(long serial)
    {
        if (Request.Serial != serial)
        {
            PythonError.Set(PyApi.PyExc_RuntimeError, "the request that this function belongs to is over");
            return false;
        }

        if (_channel.IsBusy)
        {
            PythonError.Set(PyApi.PyExc_RuntimeError, "another thread is using this request; only one can at a time");
            return false;
        }

        return true;
    }

    /// <summary>Waits for a frame while a request runs, and deals with it. False: a Python error is set.</summary>
    public bool WaitForFrame()
    {
        FrameHeader header;
        ReadOnlySpan<byte> payload;
        while (!_channel.TryRead(out header, out payload))
        {
            switch (_channel.Receive(forRequest: false))
            {
                case ReceiveOutcome.Closed:
                    WorkerProcess.FrontGone();
                    break;
                case ReceiveOutcome.Interrupted:
                    return false;
            }
        }

        Handle(header, payload);
        return true;
    }

    /// <summary>Nanoseconds since the worker turned to the request that runs; the next one counts from now.</summary>
    public long TakeServiceTime()
    {
        // On Linux a tick is a nanosecond.
        long now = Stopwatch.GetTimestamp();
        long time = now - _turnedTo;
        _turnedTo = now;
        _recentTime = Math.Max(time, _recentTime - (_recentTime >> 3));
        return time;
    }

    /// <summary>
    /// A reply was written: it leaves at once if others have waited long enough, or if it would have to wait for a
    /// request that takes long, to judge by the last ones.
    /// </summary>
    public void ReplyWritten()
    {
        if (_recentTime > LongestWait || _channel.HasWaited(_turnedTo, LongestWait))
        {
            _channel.Flush();
        }
    }

    /// <summary>Runs all requests that are here. Returns how many were started.</summary>
    private int RunWaiting()
    {
        int started = 0;
        while (!_channel.IsStopping)
        {
            if (_queue.Count > 0)
            {
                QueuedRequest next = _queue.Take();
                _ = RequestHead.TryRead(next.Head, out RequestHead head);
                Run(next.Stream, next.Head, head, next.Body, next.IsCancelled);
                _queue.Recycle(next);
                started++;
            }
            else if (!_channel.TryRead(out FrameHeader header, out ReadOnlySpan<byte> payload))
            {
                break;
            }
            else if (header.Type == FrameType.Request)
            {
                // It runs from the receive buffer: its head is read before the application can receive more.
                RequestBody? body = Accept(header, payload, out RequestHead head);
                Run(header.Stream, payload, head, body, isCancelled: false);
                started++;
            }
            else
            {
                Handle(header, payload);
            }
        }

        return started;
    }
}
