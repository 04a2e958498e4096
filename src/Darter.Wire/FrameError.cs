namespace Darter.Wire;

/// <summary>Why bytes on a channel are not a frame. Each of them ends the channel.</summary>
public enum FrameError
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>The header's check does not match: bytes were lost, repeated, torn or written by someone else.</summary>
    Check,

    /// <summary>The length is over <see cref="ChannelFormat.MaxPayload"/>.</summary>
    TooLong,

    /// <summary>Reserved bits are set.</summary>
    Reserved,

    /// <summary>The type is unknown.</summary>
    UnknownType,

    /// <summary>A stream's frame without a stream, or a channel's frame with one.</summary>
    Stream,

    /// <summary>The payload does not have the form its type requires.</summary>
    Payload,

    /// <summary>The frame is well formed but not allowed now or in this direction.</summary>
    Unexpected,
}
