namespace Darter.Wire;

/// <summary>Why a worker could not complete a response: the first byte of an <see cref="FrameType.Abort"/> payload; a message in UTF-8 follows.</summary>
public enum AbortReason : byte
{
    /// <summary>The application raised an exception after the head had been sent.</summary>
    ApplicationError = 1,

    /// <summary>The body was shorter than the Content-Length that had been sent.</summary>
    BodyTooShort = 2,

    /// <summary>The front had cancelled the stream, or said that the client had ended its side; nothing is wrong.</summary>
    Cancelled = 3,
}
