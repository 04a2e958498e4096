namespace Darter.Server.Hub;

/// <summary>How a connection is held: <c>Grip-Hold</c>.</summary>
internal enum GripHold : byte
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>The response waits for a message, which takes its place.</summary>
    Response,

    /// <summary>Messages are added to the response's body.</summary>
    Stream,
}
