using Darter.CPython;
using Darter.CPython.Native;
using Darter.Wire;

namespace Darter.Gateway.Asgi;

/// <summary>What python/darter/_asgi.py hands over: its loop, functions and classes, and what scopes have in common.</summary>
internal sealed unsafe class AsgiSettings
{
    private HeldReference _loop;
    private HeldReference _callSoon;
    private HeldReference _wakeSoon;
    private HeldReference _stepSoon;
    private HeldReference _loopAttributes;
    private HeldReference _createTask;
    private HeldReference _taskFactory;
    private HeldReference _newTask;
    private HeldReference _eagerNames;
    private HeldReference _wrap;
    private HeldReference _report;
    private HeldReference _fileRegion;
    private HeldReference _pathRegion;
    private HeldReference _watchWriting;
    private HeldReference _finished;
    private HeldReference _clientDisconnected;
    private HeldReference _cancelledError;
    private HeldReference _state;
    private HeldReference _asgi;
    private HeldReference _httpExtensions;
    private HeldReference _http1Extensions;
    private HeldReference _webSocketExtensions;
    private HeldReference _rootPath;

    private AsgiSettings()
    {
    }

    /// <summary>The event loop.</summary>
    public BorrowedReference Loop => _loop.Borrow();

    /// <summary>The loop's call_soon(callback).</summary>
    public BorrowedReference CallSoon => _callSoon.Borrow();

    /// <summary>Function (callback, argument, context) for the loop's call_soon with a context, or None for that.</summary>
    public BorrowedReference WakeSoon => _wakeSoon.Borrow();

    /// <summary>Function (callback, context) for the loop's call_soon without an argument.</summary>
    public BorrowedReference StepSoon => _stepSoon.Borrow();

    /// <summary>The loop's __dict__, or None.</summary>
    public BorrowedReference LoopAttributes => _loopAttributes.Borrow();

    /// <summary>The loop's create_task(coroutine).</summary>
    public BorrowedReference CreateTask => _createTask.Borrow();

    /// <summary>The loop's get_task_factory().</summary>
    public BorrowedReference TaskFactory => _taskFactory.Borrow();

    /// <summary>
    /// What makes a task of the loop without asking it: the class asyncio.Task if there are eager tasks, before them a function
    /// (coroutine); None if only the loop can make tasks.
    /// </summary>
    public BorrowedReference NewTask => _newTask.Borrow();

    /// <summary>Whether a task can be asked to take its first step at once (3.12 and later).</summary>
    public bool HasEagerTasks { get; private set; }

    /// <summary>The tuple ("loop", "eager_start").</summary>
    public BorrowedReference EagerNames => _eagerNames.Borrow();

    /// <summary>Function (awaitable) that makes a coroutine of it.</summary>
    public BorrowedReference Wrap => _wrap.Borrow();

    /// <summary>Function (scope, exception or None, text) that tells the operator what went wrong.</summary>
    public BorrowedReference Report => _report.Borrow();

    /// <summary>Function (message) → (descriptor, offset, length) of http.response.zerocopysend.</summary>
    public BorrowedReference FileRegion => _fileRegion.Borrow();

    /// <summary>Function (message) → (descriptor, offset, length) of http.response.pathsend; the descriptor is ours.</summary>
    public BorrowedReference PathRegion => _pathRegion.Borrow();

    /// <summary>Function (bool): whether the loop is to say when the channel's socket can be written to.</summary>
    public BorrowedReference WatchWriting => _watchWriting.Borrow();

    /// <summary>Function (): all is done that had to be done before the end.</summary>
    public BorrowedReference Finished => _finished.Borrow();

    /// <summary>The exception that send() raises when the client is gone.</summary>
    public BorrowedReference ClientDisconnected => _clientDisconnected.Borrow();

    /// <summary>asyncio.CancelledError.</summary>
    public BorrowedReference CancelledError => _cancelledError.Borrow();

    /// <summary>The state of the lifespan, of which each request gets a copy.</summary>
    public BorrowedReference State => _state.Borrow();

    /// <summary>scope["asgi"].</summary>
    public BorrowedReference Asgi => _asgi.Borrow();

    /// <summary>scope["root_path"].</summary>
    public BorrowedReference RootPath => _rootPath.Borrow();

    /// <summary>How many messages of a WebSocket may wait for the application.</summary>
    public int WebSocketQueue { get; private set; }

    /// <summary>Reads them from attributes of an object. Null: a Python error is set.</summary>
    public static AsgiSettings? Read(BorrowedReference source)
    {
        AsgiSettings settings = new();
        return Get(source, "loop\0"u8, ref settings._loop)
            && Get(source, "call_soon\0"u8, ref settings._callSoon)
            && Get(source, "wake_soon\0"u8, ref settings._wakeSoon)
            && Get(source, "step_soon\0"u8, ref settings._stepSoon)
            && Get(source, "loop_attributes\0"u8, ref settings._loopAttributes)
            && Get(source, "create_task\0"u8, ref settings._createTask)
            && Get(source, "task_factory\0"u8, ref settings._taskFactory)
            && Get(source, "new_task\0"u8, ref settings._newTask)
            && Get(source, "eager_names\0"u8, ref settings._eagerNames)
            && Get(source, "wrap\0"u8, ref settings._wrap)
            && Get(source, "report\0"u8, ref settings._report)
            && Get(source, "file_region\0"u8, ref settings._fileRegion)
            && Get(source, "path_region\0"u8, ref settings._pathRegion)
            && Get(source, "watch_writing\0"u8, ref settings._watchWriting)
            && Get(source, "finished\0"u8, ref settings._finished)
            && Get(source, "client_disconnected\0"u8, ref settings._clientDisconnected)
            && Get(source, "cancelled_error\0"u8, ref settings._cancelledError)
            && Get(source, "state\0"u8, ref settings._state)
            && Get(source, "asgi\0"u8, ref settings._asgi)
            && Get(source, "http_extensions\0"u8, ref settings._httpExtensions)
            && Get(source, "http1_extensions\0"u8, ref settings._http1Extensions)
            && Get(source, "websocket_extensions\0"u8, ref settings._webSocketExtensions)
            && Get(source, "root_path\0"u8, ref settings._rootPath)
            && settings.TryReadQueue(source)
            && settings.TryReadEagerTasks(source)
            ? settings
            : null;
    }

    /// <summary>scope["extensions"]: what works for this request. Early hints are sent over HTTP/1.1 only.</summary>
    public BorrowedReference ExtensionsOf(in RequestHead head) =>
        head.IsWebSocket ? _webSocketExtensions.Borrow() : head.Version == 11 ? _http1Extensions.Borrow() : _httpExtensions.Borrow();

    private bool TryReadQueue(BorrowedReference source)
    {
        HeldReference number = default;
        if (!Get(source, "websocket_queue\0"u8, ref number))
        {
            return false;
        }

        WebSocketQueue = (int)PyApi.PyLong_AsLongLong(number.Borrow());
        number.Clear();
        return !PythonError.IsSet;
    }

    private bool TryReadEagerTasks(BorrowedReference source)
    {
        HeldReference value = default;
        if (!Get(source, "has_eager_tasks\0"u8, ref value))
        {
            return false;
        }

        HasEagerTasks = value.Borrow().Pointer == PyApi.True;
        value.Clear();
        return true;
    }

    private static bool Get(BorrowedReference source, ReadOnlySpan<byte> name, ref HeldReference field)
    {
        fixed (byte* pointer = name)
        {
            field.Set(PyApi.PyObject_GetAttrString(source, pointer));
        }

        return !field.IsNull;
    }
}
