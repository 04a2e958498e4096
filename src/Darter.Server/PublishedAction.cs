namespace Darter.Server;

/// <summary>What a published message does with a WebSocket.</summary>
internal enum PublishedAction : byte
{
    /// <summary>It is sent.</summary>
    Send,

    /// <summary>It closes the WebSocket.</summary>
    Close,

    /// <summary>The application is asked, by a request without events, whether it has something.</summary>
    Refresh,
}
