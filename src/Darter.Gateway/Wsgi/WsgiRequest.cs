using Darter.Gateway.Runtime;
using Darter.Wire;

namespace Darter.Gateway.Wsgi;

/// <summary>The request that runs on a channel. One object serves all, one after another.</summary>
internal sealed class WsgiRequest(ClaimPage claims)
{
    private ushort _slot;
    private bool _cancelFrame;

    /// <summary>Its stream, 0 between requests.</summary>
    public uint Stream { get; private set; }

    /// <summary>Its body, null if it has none.</summary>
    public RequestBody? Body { get; private set; }

    /// <summary>Whether the response has no body because the method is HEAD.</summary>
    public bool IsHead { get; private set; }

    /// <summary>Serial number of its callables and input, 0 between requests.</summary>
    public long Serial { get; set; }

    /// <summary>Whether nobody wants the answer any more.</summary>
    public bool IsCancelled => _cancelFrame || claims.IsCancelled(_slot, Stream);

    /// <summary>Whether the client is gone, or has ended its side of the connection and is gone most likely.</summary>
    public bool IsClientGone => IsCancelled || claims.IsClientFinished(_slot, Stream);

    /// <summary>Begins a request.</summary>
    public void Begin(uint stream, in RequestHead head, RequestBody? body)
    {
        Stream = stream;
        Body = body;
        _slot = head.Slot;
        _cancelFrame = false;
        IsHead = head.Method.SequenceEqual("HEAD"u8);
    }

    /// <summary>The front has sent CANCEL.</summary>
    public void Cancel() => _cancelFrame = true;

    /// <summary>Ends the request.</summary>
    public void End()
    {
        Stream = 0;
        Serial = 0;
        Body = null;
    }
}
