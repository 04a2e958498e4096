namespace Darter.Wire;

/// <summary>
/// What a WebSocket message is: the first byte of a <see cref="FrameType.Message"/> payload; the bytes follow. Pings and
/// pongs have at most <see cref="CloseMessage.MaxSize"/> bytes, in one frame.
/// </summary>
public enum MessageKind : byte
{
    /// <summary>Text, valid UTF-8 as a whole.</summary>
    Text = 1,

    /// <summary>Binary.</summary>
    Binary = 2,

    /// <summary>From the worker: a ping for the client. From the front, if the worker watches for them: a ping of the client, answered.</summary>
    Ping = 3,

    /// <summary>From the front, if the worker has sent a ping: a pong of the client.</summary>
    Pong = 4,

    /// <summary>From the worker, without bytes and counted in no window: it watches for pings of the client.</summary>
    WatchPings = 5,
}
