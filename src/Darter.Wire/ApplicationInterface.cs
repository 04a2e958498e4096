namespace Darter.Wire;

/// <summary>What kind of application a worker serves: the first byte of a <see cref="FrameType.Ready"/> payload.</summary>
public enum ApplicationInterface : byte
{
    /// <summary>WSGI (PEP 3333): runs one request at a time on each channel.</summary>
    Wsgi = 1,

    /// <summary>ASGI: an event loop that runs many requests at a time.</summary>
    Asgi = 2,

    /// <summary>Tornado: an event loop too.</summary>
    Tornado = 3,
}
