namespace Darter.Wire;

/// <summary>What a frame carries; the payloads are specified in <c>docs/channel.md</c>.</summary>
public enum FrameType : byte
{
    /// <summary>Both directions, the first frame on a channel: magic, version, token.</summary>
    Hello = 1,

    /// <summary>Worker to front: the application is loaded and takes requests.</summary>
    Ready = 2,

    /// <summary>Worker to front: the application did not load; the payload says why.</summary>
    Failed = 3,

    /// <summary>Front to worker: finish what was sent, then close the channel. Worker to front: it does so of its own accord.</summary>
    Drain = 4,

    /// <summary>Worker to front: a line for the operator's log.</summary>
    Log = 5,

    /// <summary>Front to worker: the head of a request.</summary>
    Request = 16,

    /// <summary>Both directions: a piece of a body.</summary>
    Body = 17,

    /// <summary>Both directions: the receiver of a body grants more bytes.</summary>
    Window = 18,

    /// <summary>Front to worker: nobody waits for this answer any more.</summary>
    Cancel = 19,

    /// <summary>Worker to front: the head of a response, and as much of its body as was at hand.</summary>
    Response = 20,

    /// <summary>Worker to front: an informational (1xx) response.</summary>
    Informational = 21,

    /// <summary>Worker to front: a region of a file is the next part of the body; its descriptor comes with the frame.</summary>
    File = 22,

    /// <summary>Worker to front: the response is complete.</summary>
    End = 23,

    /// <summary>Worker to front: the response cannot be completed.</summary>
    Abort = 24,

    /// <summary>Both directions: a WebSocket message, or a piece of one; END: its last piece.</summary>
    Message = 25,

    /// <summary>Both directions: the WebSocket is closed, with a code and a reason.</summary>
    Close = 26,

    /// <summary>Worker to front: the trailer section of the response; before its end.</summary>
    Trailers = 27,
}
