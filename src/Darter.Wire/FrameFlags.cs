namespace Darter.Wire;

/// <summary>Flags of a frame.</summary>
[Flags]
public enum FrameFlags : byte
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>
    /// The sender's part of the stream ends with this frame: on <see cref="FrameType.Request"/> no body follows,
    /// on <see cref="FrameType.Body"/> to the worker it is the last piece, on <see cref="FrameType.Response"/> the
    /// inline body is all of it, on <see cref="FrameType.Message"/> it is the last piece of the message.
    /// </summary>
    End = 1,
}
