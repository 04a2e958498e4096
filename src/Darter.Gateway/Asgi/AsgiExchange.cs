using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;
using Darter.Wire;

namespace Darter.Gateway.Asgi;

/// <summary>
/// A request or a WebSocket with the task that the application runs for it. Its stream on the channel and its task end
/// independently of each other: it is over when both have ended.
/// </summary>
internal abstract unsafe class AsgiExchange : PythonPeer
{
    private readonly AwaitedCalls _receivers = new();
    private readonly AwaitedCalls _drainers = new();
    private HeldReference _receive;
    private HeldReference _send;
    private HeldReference _done;
    private HeldReference _scope;
    private HeldReference _task;
    private AwaitedCall? _receiveCall;
    private bool _handedOver;

    /// <summary>Creates an exchange with the functions that the application gets.</summary>
    protected AsgiExchange(AsgiServer server)
    {
        Server = server;
        CreateObject(server.Types.Ticket);
        _receive = server.Functions.CreateReceive(Object);
        _send = server.Functions.CreateSend(Object);
    }

    /// <summary>Its stream.</summary>
    public uint Stream { get; private set; }

    /// <summary>receive().</summary>
    public BorrowedReference Receive => _receive.Borrow();

    /// <summary>send().</summary>
    public BorrowedReference Send => _send.Borrow();

    /// <summary>Its scope.</summary>
    public BorrowedReference Scope => _scope.Borrow();

    /// <summary>Nanoseconds that the application has kept the loop busy with it, as far as that is known.</summary>
    public long BusyTime { get; set; }

    /// <summary>Whether the front does not want an answer any more.</summary>
    public bool IsCancelled { get; private set; }

    /// <summary>Whether its task was cancelled because it took too long.</summary>
    public bool IsTimedOut { get; private set; }

    /// <summary>Whether the client has ended its side, and may be gone: the application is told, the answer is sent still.</summary>
    protected bool IsClientFinished { get; private set; }

    /// <summary>Whether the client is gone, so that nothing can be sent to it.</summary>
    public abstract bool IsDisconnected { get; }

    /// <summary>Whether the application is done with it.</summary>
    public bool IsTaskDone { get; set; }

    /// <summary>Whether nothing more may be sent on the stream.</summary>
    public bool IsStreamEnded { get; private set; }

    /// <summary>Whether the server finds it by its stream.</summary>
    public bool IsListed { get; set; }

    /// <summary>The server that it belongs to.</summary>
    protected AsgiServer Server { get; }

    /// <summary>Whether nobody but this has the functions, so that they can serve another request.</summary>
    private bool AreFunctionsUnshared =>
        ObjectLayout.HasReferences(Receive, 1) && ObjectLayout.HasReferences(Send, 1) && ObjectLayout.HasReferences(Object, _done.IsNull ? 3u : 4u);

    /// <summary>Begins an exchange.</summary>
    public void Begin(uint stream, BorrowedReference scope)
    {
        Stream = stream;
        _scope.Set(scope.ToNew());
        BusyTime = 0;
        IsCancelled = IsClientFinished = IsStreamEnded = IsTaskDone = IsTimedOut = false;
    }

    /// <summary>The task did not end with its first step: it is held until it does.</summary>
    public bool TryHold(BorrowedReference task)
    {
        if (_done.IsNull)
        {
            _done = Server.Functions.CreateDone(Object);
        }

        using NewReference nothing = PythonCall.Method(task, Server.Keys.AddDoneCallback, _done.Borrow());
        if (nothing.IsNull)
        {
            return false;
        }

        _task.Set(task.ToNew());
        return true;
    }

    /// <summary>Calls of receive() or send() that wait.</summary>
    public AwaitedCalls Waiting(AwaitedKind kind) => kind == AwaitedKind.Receive ? _receivers : _drainers;

    /// <summary>What receive() returns.</summary>
    public NewReference CreateReceiveCall()
    {
        // A discarded exchange keeps nothing: nobody would let go of it.
        if (_receiveCall is { IsUnshared: false } || _receive.IsNull)
        {
            return HandOver(AwaitedKind.Receive);
        }

        if (_receiveCall is null)
        {
            _receiveCall = new AwaitedCall(Server, this, AwaitedKind.Receive);
        }
        else
        {
            _receiveCall.Reset(this, AwaitedKind.Receive);
        }

        return _receiveCall.Object.ToNew();
    }

    /// <summary>What receive() gives. False: nothing yet. NULL: a Python error is set.</summary>
    public abstract bool TryReceive(out NewReference message);

    /// <summary>What an await of send() gives. False: the front has not taken all yet. NULL: a Python error is set.</summary>
    public bool TryDrain(out NewReference nothing)
    {
        nothing = default;
        if (IsDisconnected)
        {
            _ = RaiseDisconnected();
            return true;
        }

        if (!IsDrained)
        {
            return false;
        }

        nothing = new BorrowedReference(PyApi.None).ToNew();
        return true;
    }

    /// <summary>send(message): acts on it and returns what is to be awaited. NULL: a Python error is set.</summary>
    public NewReference SendMessage(BorrowedReference message)
    {
        int isDict = ObjectLayout.TypeOf(message) == PyApi.PyDict_Type ? 1 : PyApi.PyObject_IsInstance(message, new BorrowedReference(PyApi.PyDict_Type));
        if (isDict != 1)
        {
            return isDict < 0 ? default : PythonError.Raise(PyApi.PyExc_TypeError, $"a message must be a dict, not {ApplicationObject.TypeName(message)}");
        }

        BorrowedReference type = PyApi.PyDict_GetItemWithError(message, Server.Keys.Type);
        if (type.IsNull)
        {
            return PythonError.IsSet ? default : PythonError.Raise(PyApi.PyExc_ValueError, "the message has no type");
        }

        if (!PythonText.IsStr(type) && !ApplicationObject.IsInstance(type, PyApi.PyUnicode_Type, "the type of a message", "a str"))
        {
            return default;
        }

        if (!PythonText.TryGetUtf8(type, out ReadOnlySpan<byte> name) || !TrySend(name, message))
        {
            return default;
        }

        Server.OnWritten();
        return IsDrained ? Server.Types.Done.ToNew() : HandOver(AwaitedKind.Drain);
    }

    /// <summary>The front grants bytes.</summary>
    public abstract void OnWindow(uint bytes);

    /// <summary>A piece of the body came. False: that is not allowed.</summary>
    public virtual bool TryTakeBody(ReadOnlySpan<byte> piece, bool isLast) => false;

    /// <summary>A piece of a WebSocket message came. False: that is not allowed.</summary>
    public virtual bool TryTakeMessage(ReadOnlySpan<byte> payload, bool isLast) => false;

    /// <summary>The WebSocket was closed. False: that is not allowed.</summary>
    public virtual bool TryTakeClose(ushort code, ReadOnlySpan<byte> reason) => false;

    /// <summary>Nobody wants the answer any more: the stream ends, the application is told.</summary>
    public void Cancel()
    {
        if (IsStreamEnded)
        {
            return;
        }

        IsCancelled = true;
        DropPending();
        Abort(AbortReason.Cancelled, "");
    }

    /// <summary>
    /// It took too long, and the front has answered: its task is cancelled. The stream ends with the task, by which the front
    /// sees whether that was of use.
    /// </summary>
    public void TimeOut()
    {
        if (_task.IsNull || IsTaskDone)
        {
            Cancel();
            return;
        }

        IsTimedOut = true;
        using NewReference wasRunning = PythonCall.Method(_task.Borrow(), Server.Keys.Cancel);
        if (wasRunning.IsNull)
        {
            PythonError.WriteUnraisable(_task.Borrow());
        }
    }

    /// <summary>Its task has ended.</summary>
    public void OnTaskDone(BorrowedReference task) => Server.OnTaskDone(this, task);

    /// <summary>The client has ended its side of the connection: an application that waits to hear of that hears it.</summary>
    public void ClientFinished()
    {
        IsClientFinished = true;
        _receivers.Wake();
    }

    /// <summary>The application has returned: the stream ends, or will when the front has taken what is pending.</summary>
    public abstract void OnReturned();

    /// <summary>The application has raised an exception: the stream ends.</summary>
    public abstract void OnRaised(string type);

    /// <summary>Ends the exchange: its task is done and its stream has ended.</summary>
    public virtual void End()
    {
        _scope.Clear();
        _task.Clear();
    }

    /// <summary>Whether it can serve another request: the application has kept nothing that leads to it.</summary>
    public bool CanServeAnother => !_handedOver && AreFunctionsUnshared && _receiveCall is not { IsUnshared: false };

    /// <summary>Gives its Python objects up; what the application has kept of them stays of no use.</summary>
    public void Discard()
    {
        _receive.Clear();
        _send.Clear();
        _done.Clear();
        _receiveCall?.HandOver().Dispose();
        _receiveCall = null;
        Release();
    }

    /// <summary>Raises that the client is gone. Always false.</summary>
    public bool RaiseDisconnected()
    {
        PythonError.Set(Server.Settings.ClientDisconnected.Pointer, "the client has disconnected");
        return false;
    }

    /// <summary>Breaks the stream off.</summary>
    public void Abort(AbortReason reason, string text)
    {
        FrameWriter writer = Server.Channel.Writer;
        Span<byte> payload = writer.Begin(1 + System.Text.Encoding.UTF8.GetMaxByteCount(text.Length));
        payload[0] = (byte)reason;
        writer.Complete(FrameType.Abort, FrameFlags.None, Stream, 1 + System.Text.Encoding.UTF8.GetBytes(text, payload[1..]));
        StreamEnded();
    }

    /// <summary>Ends the stream in order.</summary>
    public void WriteEnd()
    {
        Span<byte> payload = Server.Channel.Writer.Begin(sizeof(long));
        System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(payload, Server.TimeOf(this));
        Server.Channel.Writer.Complete(FrameType.End, FrameFlags.None, Stream, sizeof(long));
        StreamEnded();
    }

    /// <summary>The last frame of the stream was written.</summary>
    public void StreamEnded()
    {
        IsStreamEnded = true;
        _receivers.Wake();
        _drainers.Wake();
        Server.OnStreamEnded(this);
    }

    /// <summary>Raises that a message is not allowed where it came. Always false.</summary>
    public static bool RaiseUnexpected(ReadOnlySpan<byte> type, string why)
    {
        PythonError.Set(PyApi.PyExc_RuntimeError, $"unexpected ASGI message '{System.Text.Encoding.UTF8.GetString(type)}': {why}");
        return false;
    }

    private NewReference HandOver(AwaitedKind kind)
    {
        _handedOver = true;
        return new AwaitedCall(Server, this, kind).HandOver();
    }

    /// <summary>Whether the front has taken all that send() was given.</summary>
    protected abstract bool IsDrained { get; }

    /// <summary>Acts on a message. False: a Python error is set.</summary>
    protected abstract bool TrySend(ReadOnlySpan<byte> type, BorrowedReference message);

    /// <summary>Drops what waits for the front.</summary>
    protected abstract void DropPending();
}
