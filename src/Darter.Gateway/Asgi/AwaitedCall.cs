using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;

namespace Darter.Gateway.Asgi;

/// <summary>
/// What receive() returns, and send() when it must wait: to Python it is like a coroutine, so it can be awaited and made a
/// task. Nothing happens before it is awaited, so that a message is not lost when the task that was to have it is
/// cancelled.
/// </summary>
internal sealed class AwaitedCall : PythonPeer
{
    private readonly AsgiServer _server;
    private AsgiExchange _exchange;
    private AwaitedKind _kind;
    private Waiter? _waiter;
    private bool _isFinished;

    /// <summary>Creates one.</summary>
    public AwaitedCall(AsgiServer server, AsgiExchange exchange, AwaitedKind kind)
    {
        _server = server;
        _exchange = exchange;
        _kind = kind;
        CreateObject(server.Types.Call);
    }

    /// <summary>Makes it ready to be awaited again. Only while it is unshared.</summary>
    public void Reset(AsgiExchange exchange, AwaitedKind kind)
    {
        _exchange = exchange;
        _kind = kind;
        _isFinished = false;
    }

    /// <summary>Hands the Python object over; this object then lives as long as that.</summary>
    public NewReference HandOver()
    {
        NewReference handed = Object.ToNew();
        Release();
        return handed;
    }

    /// <summary>Goes on: to the result, or to the next wait.</summary>
    public AwaitOutcome Step(out NewReference result)
    {
        result = default;
        if (_isFinished)
        {
            PythonError.Set(PyApi.PyExc_RuntimeError, "cannot reuse already awaited coroutine");
            return AwaitOutcome.Error;
        }

        if (_kind == AwaitedKind.Receive ? _exchange.TryReceive(out result) : _exchange.TryDrain(out result))
        {
            _isFinished = true;
            return result.IsNull ? AwaitOutcome.Error : AwaitOutcome.Return;
        }

        if (_waiter is null || !_waiter.IsUnshared)
        {
            _waiter?.GiveUp();
            _waiter = new Waiter(_server);
        }

        _waiter.Begin();
        _exchange.Waiting(_kind).Add(this);
        result = _waiter.Object.ToNew();
        return AwaitOutcome.Yield;
    }

    /// <summary>There may be something to go on with.</summary>
    public void Wake() => _waiter!.Wake(_exchange);

    /// <summary>It is not awaited any longer: its task was cancelled, say.</summary>
    public void Abandon()
    {
        _isFinished = true;
        _exchange.Waiting(_kind).Remove(this);
    }

    /// <inheritdoc/>
    protected override void OnDeallocated()
    {
        Abandon();
        _waiter?.GiveUp();
        _waiter = null;
    }
}
