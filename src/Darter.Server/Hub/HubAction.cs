namespace Darter.Server.Hub;

/// <summary>What a message does with a connection: GRIP's <c>action</c>.</summary>
internal enum HubAction : byte
{
    /// <summary>It is sent.</summary>
    Send,

    /// <summary>It ends the connection.</summary>
    Close,

    /// <summary>It says that there is something new, and not what. HTTP connections held here take no notice of it.</summary>
    Hint,

    /// <summary>The application is to be asked; for WebSockets.</summary>
    Refresh,
}
