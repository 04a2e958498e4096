namespace Darter.Gateway.Asgi;

/// <summary>Calls that wait for the same thing; nearly always none or one.</summary>
internal sealed class AwaitedCalls
{
    private AwaitedCall? _first;
    private List<AwaitedCall>? _others;

    /// <summary>Adds a call.</summary>
    public void Add(AwaitedCall call)
    {
        if (_first is null)
        {
            _first = call;
        }
        else
        {
            (_others ??= []).Add(call);
        }
    }

    /// <summary>Takes a call out, if it is in.</summary>
    public void Remove(AwaitedCall call)
    {
        if (_first == call)
        {
            _first = null;
        }
        else
        {
            _ = _others?.Remove(call);
        }
    }

    /// <summary>Wakes all; those that still have to wait come back.</summary>
    public void Wake()
    {
        AwaitedCall? first = _first;
        List<AwaitedCall>? others = _others;
        _first = null;
        _others = null;
        first?.Wake();
        foreach (AwaitedCall call in others ?? [])
        {
            call.Wake();
        }
    }
}
