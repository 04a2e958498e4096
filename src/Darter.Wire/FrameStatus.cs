namespace Darter.Wire;

/// <summary>Outcome of an attempt to read a frame.</summary>
public enum FrameStatus
{
    /// <summary>The frame is not complete yet.</summary>
    NeedMore,

    /// <summary>A frame was read.</summary>
    Frame,

    /// <summary>The bytes are not a frame; the channel must be closed.</summary>
    Invalid,
}
