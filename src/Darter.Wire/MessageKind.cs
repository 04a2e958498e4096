namespace Darter.Wire;

/// <summary>What a WebSocket message is: the first byte of a <see cref="FrameType.Message"/> payload; the bytes follow.</summary>
public enum MessageKind : byte
{
    /// <summary>Text, valid UTF-8 as a whole.</summary>
    Text = 1,

    /// <summary>Binary.</summary>
    Binary = 2,
}
