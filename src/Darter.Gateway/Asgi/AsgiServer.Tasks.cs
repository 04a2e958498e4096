using System.Diagnostics;
using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;

namespace Darter.Gateway.Asgi;

/// <summary>The tasks that the application runs in.</summary>
internal sealed unsafe partial class AsgiServer
{
    private readonly FirstSteps? _firstSteps;
    private TaskFactory _taskFactory;
    private AsgiExchange? _stepping;
    private long _stepBegan;

    private enum TaskFactory
    {
        Unknown,
        None,
        Custom,
    }

    /// <summary>Whether a task can be resumed right now: the loop has called the reader, and no task runs.</summary>
    public bool CanStep => _isReading && _stepping is null;

    /// <summary>A task is about to be stepped.</summary>
    public void BeginStep(AsgiExchange exchange)
    {
        _stepping = exchange;
        _stepBegan = Stopwatch.GetTimestamp();
    }

    /// <summary>The step is over.</summary>
    public void EndStep(AsgiExchange exchange)
    {
        // On Linux a tick is a nanosecond.
        long now = Stopwatch.GetTimestamp();
        exchange.BusyTime += now - _stepBegan;
        _stepping = null;
        if (now - _sentAt > LongestWait)
        {
            Flush();
            _sentAt = now;
        }
    }

    /// <summary>How long the application has kept the loop busy with an exchange, in nanoseconds.</summary>
    public long TimeOf(AsgiExchange exchange) =>
        exchange.BusyTime + (exchange == _stepping ? Stopwatch.GetTimestamp() - _stepBegan : 0);

    /// <summary>A step has raised what no task keeps to itself (SystemExit, KeyboardInterrupt): the worker stops.</summary>
    public void OnStepFailed()
    {
        FetchedError error = PythonError.Fetch();
        if (IsExit(error))
        {
            Stop();
            error.Dispose();
        }
        else
        {
            error.Restore();
            PythonError.WriteUnraisable(Settings.Loop);
        }
    }

    /// <summary>The task of an exchange has ended.</summary>
    public void OnTaskDone(AsgiExchange exchange, BorrowedReference task)
    {
        using NewReference exception = PythonCall.Method(task, Keys.Exception);
        if (exception.IsNull)
        {
            // It was cancelled: that is what asking for its exception raises.
            OnRaised(exchange);
        }
        else if (exception.Borrow().IsNone)
        {
            exchange.OnReturned();
        }
        else
        {
            using NewReference type = PyApi.PyObject_Type(exception);
            PyApi.PyErr_SetObject(type, exception);
            OnRaised(exchange);
        }

        exchange.IsTaskDone = true;
        if (exchange.IsStreamEnded)
        {
            End(exchange);
        }

        OnWritten();
        FinishIfDone();
    }

    private void Run(AsgiExchange exchange, BorrowedReference scope)
    {
        BeginStep(exchange);
        NewReference task = scope.IsNull ? default : StartTask(exchange, scope);
        if (task.IsNull)
        {
            OnRaised(exchange);
            exchange.IsTaskDone = true;
        }

        EndStep(exchange);
        if (!task.IsNull && !IsDone(task) && exchange.TryHold(task))
        {
            if (!exchange.IsStreamEnded)
            {
                exchange.IsListed = true;
                _streams.Add(exchange.Stream, exchange);
            }
        }
        else if (!task.IsNull)
        {
            OnTaskDone(exchange, task);
        }
        else if (exchange.IsStreamEnded)
        {
            End(exchange);
        }

        // The front has not taken all, though the application is done.
        if (exchange is { IsTaskDone: true, IsStreamEnded: false, IsListed: false })
        {
            exchange.IsListed = true;
            _streams.Add(exchange.Stream, exchange);
        }

        task.Dispose();
    }

    /// <summary>Calls the application and makes a task of its coroutine. NULL: a Python error is set.</summary>
    private NewReference StartTask(AsgiExchange exchange, BorrowedReference scope)
    {
        NewReference coroutine = PythonCall.Invoke(_application.Borrow(), scope, exchange.Receive, exchange.Send);
        if (coroutine.IsNull)
        {
            return default;
        }

        if (ObjectLayout.TypeOf(coroutine) != PyApi.PyCoro_Type)
        {
            NewReference wrapped = PythonCall.Invoke(Settings.Wrap, coroutine);
            coroutine.Dispose();
            if (wrapped.IsNull)
            {
                return default;
            }

            coroutine = wrapped;
        }

        NewReference task = MakeTask(coroutine);
        coroutine.Dispose();
        return task;
    }

    /// <summary>Makes a task of a coroutine; it has taken its first step where that is possible.</summary>
    private NewReference MakeTask(BorrowedReference coroutine)
    {
        if (Settings.NewTask.IsNone || HasTaskFactory() || _firstSteps is { IsReplaced: true })
        {
            return PythonCall.Invoke(Settings.CreateTask, coroutine);
        }

        return _firstSteps is null
            ? PythonCall.InvokeWithKeywords(Settings.NewTask, coroutine, Settings.EagerNames, Settings.Loop, new BorrowedReference(PyApi.True))
            : _firstSteps.Start(coroutine);
    }

    /// <summary>Whether the application has set a factory for tasks, which is to be used then. Asked once per reading.</summary>
    private bool HasTaskFactory()
    {
        if (_taskFactory == TaskFactory.Unknown)
        {
            using NewReference factory = PythonCall.Invoke(Settings.TaskFactory);
            PythonError.Clear();
            _taskFactory = factory.IsNull || factory.Borrow().IsNone ? TaskFactory.None : TaskFactory.Custom;
        }

        return _taskFactory == TaskFactory.Custom;
    }

    private bool IsDone(BorrowedReference task)
    {
        using NewReference done = PythonCall.Method(task, Keys.Done);
        if (done.IsNull)
        {
            PythonError.WriteUnraisable(task);
        }

        return done.Pointer == PyApi.True;
    }

    /// <summary>Takes the current Python error, which has left the application.</summary>
    private void OnRaised(AsgiExchange exchange)
    {
        FetchedError error = PythonError.Fetch();
        if (IsExit(error))
        {
            Stop();
        }

        // To send to a client that has left is no failure; whether it had is not known any more once the exchange has ended.
        bool isDisconnected = exchange.IsDisconnected;
        exchange.OnRaised(ApplicationObject.TypeName(error.Value));
        if (!(exchange.IsTimedOut && error.Is(Settings.CancelledError.Pointer)))
        {
            Report(exchange, error.Value, "", isDisconnected);
        }

        error.Dispose();
    }

    private void End(AsgiExchange exchange)
    {
        exchange.End();
        _open--;
        if (exchange is HttpExchange http && http.CanServeAnother)
        {
            _spareExchanges.Push(http);
        }
        else
        {
            exchange.Discard();
        }
    }

    private static bool IsExit(in FetchedError error) => error.Is(PyApi.PyExc_SystemExit) || error.Is(PyApi.PyExc_KeyboardInterrupt);
}
