namespace Darter.Server.Configuration;

/// <summary>Whose WebSockets the hub holds, and sends to the application as requests with events.</summary>
public enum HubWebSockets
{
    /// <summary>Those of WSGI applications, which could not have any otherwise.</summary>
    Auto,

    /// <summary>Those of all applications: an application of ASGI or Tornado sees no WebSocket itself.</summary>
    On,

    /// <summary>None: a WSGI application gets the handshake as the request that it is.</summary>
    Off,
}
